package dev.sheaf.flightsql;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.sheaf.columnar.arrow.ArrowTypes;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.HeldStatement;
import dev.sheaf.flightsql.session.WaitingQuery;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.List;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Answers GetFlightInfo for a statement. A query is planned, and runs when its ticket is fetched.
 * Everything else runs here and now, exactly once: many clients send INSERT and DDL this way and
 * never fetch. Thread-safe.
 */
final class QueryStarter {
  private static final Schema NO_COLUMNS = new Schema(List.of());
  private static final long UNKNOWN = -1;

  private final Handles handles;

  QueryStarter(Handles handles) {
    this.handles = handles;
  }

  /**
   * Takes over the caller's hold of the statement.
   *
   * @param parameters null = none were bound
   */
  FlightInfo start(
      Call call, HeldStatement statement, @Nullable Batch parameters, FlightDescriptor descriptor) {
    PreparedSql prepared = statement.prepared();
    boolean kept = false;
    try {
      checkBound(prepared, parameters);
      if (prepared.kind() == StatementKind.QUERY) {
        Schema schema = ArrowTypes.resultSchema(prepared.resultFields());
        kept = true;
        Handle handle = call.session().hold(new WaitingQuery(statement, parameters));
        return info(schema, handle, descriptor, UNKNOWN);
      }
      long count = update(call, statement, parameters);
      return info(NO_COLUMNS, call.session().done(), descriptor, count);
    } finally {
      if (!kept) {
        statement.release();
      }
    }
  }

  /** Runs a statement to its end and counts the rows changed, or those it returned. */
  long update(Call call, HeldStatement statement, @Nullable Batch parameters) {
    PreparedSql prepared = statement.prepared();
    checkBound(prepared, parameters);
    SqlResult result =
        statement.sql().execute(prepared, parameters, statement.transaction(), call.cancel());
    if (prepared.kind() == StatementKind.COMMAND && statement.transaction() == null) {
      call.session().noteCommand(prepared.sql());
    }
    return switch (result) {
      case SqlResult.UpdateCount count -> count.rows();
      case SqlResult.Rows rows -> drain(rows);
    };
  }

  private static long drain(SqlResult.Rows rows) {
    long count = 0;
    try (var batches = rows.batches()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        count += batch.selected();
      }
    }
    return count;
  }

  private static void checkBound(PreparedSql prepared, @Nullable Batch parameters) {
    int expected = prepared.parameterFields().size();
    if (expected > 0 && parameters == null) {
      throw new SheafException(
              ErrorCode.UNDEFINED_PARAMETER,
              "the statement has " + expected + " parameters, and none is bound")
          .withHint("Prepare the statement and bind its parameters before running it.");
    }
  }

  private FlightInfo info(Schema schema, Handle handle, FlightDescriptor descriptor, long records) {
    ByteString opaque = handles.encode(handle);
    var ticket = TicketStatementQuery.newBuilder().setStatementHandle(opaque).build();
    // Without a location a client fetches over the connection that carries its session.
    var endpoint = new FlightEndpoint(new Ticket(Any.pack(ticket).toByteArray()));
    return FlightInfo.builder(schema, descriptor, List.of(endpoint)).setRecords(records).build();
  }
}

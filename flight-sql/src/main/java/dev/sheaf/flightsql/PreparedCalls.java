package dev.sheaf.flightsql;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.sheaf.columnar.arrow.ArrowTypes;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.HeldStatement;
import dev.sheaf.flightsql.stream.IncomingBatches;
import dev.sheaf.flightsql.stream.Patience;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.List;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Prepared statements: create, bind, run, close. An empty dataset schema tells clients that the
 * statement is an update. Thread-safe.
 */
final class PreparedCalls {
  private final Calls calls;
  private final Handles handles;
  private final StatementCalls statements;
  private final QueryStarter starter;
  private final ResultStreams streams;
  private final PutAnswers answers;
  private final Patience patience;
  private final int maxParameterRows;

  PreparedCalls(
      Calls calls,
      Handles handles,
      StatementCalls statements,
      QueryStarter starter,
      ResultStreams streams,
      PutAnswers answers,
      Patience patience,
      int maxParameterRows) {
    this.calls = calls;
    this.handles = handles;
    this.statements = statements;
    this.starter = starter;
    this.streams = streams;
    this.answers = answers;
    this.patience = patience;
    this.maxParameterRows = maxParameterRows;
  }

  void create(ActionCreatePreparedStatementRequest request, StreamListener<Result> listener) {
    ActionCreatePreparedStatementResult created;
    try (Call call = calls.beginIn(request.getTransactionId())) {
      HeldStatement statement = statements.prepare(call, request.getQuery());
      PreparedSql prepared = statement.prepared();
      var result = ActionCreatePreparedStatementResult.newBuilder();
      if (prepared.kind() == StatementKind.QUERY) {
        result.setDatasetSchema(bytes(ArrowTypes.resultSchema(prepared.resultFields())));
      }
      if (!prepared.parameterFields().isEmpty()) {
        result.setParameterSchema(bytes(ArrowTypes.parameterSchema(prepared.parameterFields())));
      }
      Handle handle = call.session().hold(statement);
      created = result.setPreparedStatementHandle(handles.encode(handle)).build();
    }
    listener.onNext(new Result(Any.pack(created).toByteArray()));
    listener.onCompleted();
  }

  private static ByteString bytes(Schema schema) {
    return ByteString.copyFrom(schema.serializeAsMessage());
  }

  /** Idempotent for handles that were once good; a forged one is refused. */
  void close(ActionClosePreparedStatementRequest request, StreamListener<Result> listener) {
    Handle handle = decode(request.getPreparedStatementHandle());
    try (Call call = calls.begin(handle)) {
      call.session().statements().closePrepared(handle.number());
    }
    listener.onCompleted();
  }

  FlightInfo query(ByteString opaque, FlightDescriptor descriptor) {
    Handle handle = decode(opaque);
    try (Call call = calls.begin(handle)) {
      HeldStatement statement = call.session().prepared(handle);
      return starter.start(call, statement, statement.bound(), descriptor);
    }
  }

  SchemaResult schema(ByteString opaque) {
    Handle handle = decode(opaque);
    try (Call call = calls.begin(handle)) {
      HeldStatement statement = call.session().prepared(handle);
      try {
        return new SchemaResult(ArrowTypes.resultSchema(statement.prepared().resultFields()));
      } finally {
        statement.release();
      }
    }
  }

  /** A client that fetches by the handle itself, without a ticket. */
  void fetch(ByteString opaque, ServerStreamListener listener) {
    Handle handle = decode(opaque);
    Call call = calls.begin(handle);
    HeldStatement statement;
    try {
      statement = call.session().prepared(handle);
    } catch (RuntimeException e) {
      call.close();
      throw e;
    }
    streams.run(call, statement, statement.bound(), listener, () -> {});
  }

  /** Binds the parameters of the query that is asked for next. */
  void bind(ByteString opaque, FlightStream stream, StreamListener<PutResult> listener) {
    Handle handle = decode(opaque);
    try (Call call = calls.begin(handle)) {
      HeldStatement statement = call.session().prepared(handle);
      try {
        Batch parameters = parameters(statement.prepared(), stream);
        if (parameters != null) {
          statement.bind(parameters);
        }
      } finally {
        statement.release();
      }
      answers.bound(listener, opaque);
    }
  }

  /** Runs an update once for all the rows bound to it; once if it has no parameters. */
  void update(ByteString opaque, FlightStream stream, StreamListener<PutResult> listener) {
    Handle handle = decode(opaque);
    try (Call call = calls.begin(handle)) {
      HeldStatement statement = call.session().prepared(handle);
      long count;
      try {
        Batch parameters = parameters(statement.prepared(), stream);
        boolean noRows = parameters != null && parameters.isEmpty();
        count = noRows ? 0 : starter.update(call, statement, parameters);
      } finally {
        statement.release();
      }
      answers.count(listener, count);
    }
  }

  /** All rows of the stream; null if the statement has no parameters, whatever was sent. */
  private @Nullable Batch parameters(PreparedSql prepared, FlightStream stream) {
    List<Field> fields = prepared.parameterFields();
    if (fields.isEmpty()) {
      return null;
    }
    try (var batches = IncomingBatches.casting(stream, fields, patience)) {
      return ParameterRows.collect(batches, fields, maxParameterRows);
    }
  }

  private Handle decode(ByteString opaque) {
    return handles.decode(opaque, Handles.Kind.PREPARED);
  }
}

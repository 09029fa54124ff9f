package dev.sheaf.flightsql;

import com.google.protobuf.ByteString;
import dev.sheaf.columnar.arrow.ArrowWriter;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.error.FlightErrors;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.HeldStatement;
import dev.sheaf.flightsql.session.WaitingQuery;
import dev.sheaf.flightsql.stream.Patience;
import dev.sheaf.flightsql.stream.ResultPump;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import io.grpc.Context;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Answers DoGet for statements: runs the query behind a ticket and streams its rows. When the
 * client drops the stream, the query is stopped and everything it holds is freed. Thread-safe.
 */
final class ResultStreams {
  private static final Schema NO_COLUMNS = new Schema(List.of());

  private final Calls calls;
  private final Handles handles;
  private final BufferAllocator allocator;
  private final Executor threads;
  private final Patience patience;
  private final LongSupplier nanoClock;

  /**
   * @param threads one virtual thread for each stream
   */
  ResultStreams(
      Calls calls,
      Handles handles,
      BufferAllocator allocator,
      Executor threads,
      Patience patience,
      LongSupplier nanoClock) {
    this.calls = calls;
    this.handles = handles;
    this.allocator = allocator;
    this.threads = threads;
    this.patience = patience;
    this.nanoClock = nanoClock;
  }

  /** Fetches the result that a ticket names. */
  void fetch(ByteString ticket, ServerStreamListener listener) {
    Handle handle = handles.decodeTicket(ticket);
    if (handle.kind() == Handles.Kind.DONE) {
      empty(handle, listener);
      return;
    }
    Call call = calls.begin(handle);
    WaitingQuery query;
    try {
      query = call.session().statements().start(handle.number(), call.cancel());
    } catch (RuntimeException e) {
      call.close();
      throw e;
    }
    Runnable after = () -> call.session().statements().finished(handle.number());
    run(call, query.statement(), query.parameters(), listener, after);
  }

  private void empty(Handle handle, ServerStreamListener listener) {
    try (Call call = calls.begin(handle);
        var root = VectorSchemaRoot.create(NO_COLUMNS, allocator)) {
      listener.start(root);
      listener.completed();
    }
  }

  /**
   * Runs a statement and streams its rows. Ends the call, releases the statement and runs {@code
   * after} when the stream is over.
   */
  void run(
      Call call,
      HeldStatement statement,
      @Nullable Batch parameters,
      ServerStreamListener listener,
      Runnable after) {
    var pump = new ResultPump(listener, call.cancel(), patience, nanoClock);
    Runnable body =
        () -> {
          try (call) {
            stream(call, statement, parameters, listener, pump);
          } finally {
            statement.release();
            after.run();
          }
        };
    try {
      threads.execute(Context.current().wrap(body));
    } catch (RuntimeException e) {
      statement.release();
      after.run();
      call.close();
      throw e;
    }
  }

  private void stream(
      Call call,
      HeldStatement statement,
      @Nullable Batch parameters,
      ServerStreamListener listener,
      ResultPump pump) {
    try {
      SqlResult result =
          statement
              .sql()
              .execute(statement.prepared(), parameters, statement.transaction(), call.cancel());
      switch (result) {
        case SqlResult.Rows rows -> {
          try (var writer = new ArrowWriter(rows.fields(), rows.batches(), allocator)) {
            pump.send(writer);
          }
        }
        case SqlResult.UpdateCount count -> {
          try (var root = VectorSchemaRoot.create(NO_COLUMNS, allocator)) {
            listener.start(root);
          }
        }
      }
      listener.completed();
    } catch (Throwable e) {
      listener.error(FlightErrors.toStatus(e));
    }
  }
}

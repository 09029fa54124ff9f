package dev.sheaf.flightsql;

import dev.sheaf.flightsql.Calls.Call;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.OpenTransaction;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionBeginTransactionResult;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionEndTransactionRequest;

/** Transactions by action. Thread-safe. */
final class TransactionCalls {
  private final Calls calls;
  private final Handles handles;

  TransactionCalls(Calls calls, Handles handles) {
    this.calls = calls;
    this.handles = handles;
  }

  void begin(StreamListener<ActionBeginTransactionResult> listener) {
    ActionBeginTransactionResult answer;
    try (Call call = calls.begin()) {
      SqlSession sql = call.sql();
      String engineHandle = sql.beginTransaction();
      Handle handle;
      try {
        handle = call.session().hold(new OpenTransaction(sql, engineHandle));
      } catch (RuntimeException e) {
        sql.endTransaction(engineHandle, false, call.cancel());
        throw e;
      }
      answer =
          ActionBeginTransactionResult.newBuilder()
              .setTransactionId(handles.encode(handle))
              .build();
    }
    listener.onNext(answer);
    listener.onCompleted();
  }

  void end(ActionEndTransactionRequest request, StreamListener<Result> listener) {
    Handle handle = handles.decode(request.getTransactionId(), Handles.Kind.TRANSACTION);
    boolean commit =
        switch (request.getAction()) {
          case END_TRANSACTION_COMMIT -> true;
          case END_TRANSACTION_ROLLBACK -> false;
          case END_TRANSACTION_UNSPECIFIED, UNRECOGNIZED ->
              throw new SheafException(
                  ErrorCode.INVALID_PARAMETER_VALUE, "neither commit nor rollback was asked for");
        };
    try (Call call = calls.begin(handle)) {
      OpenTransaction transaction = call.session().endTransaction(handle);
      transaction.sql().endTransaction(transaction.engineHandle(), commit, call.cancel());
    }
    listener.onCompleted();
  }
}

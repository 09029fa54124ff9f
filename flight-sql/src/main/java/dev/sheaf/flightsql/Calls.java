package dev.sheaf.flightsql;

import com.google.protobuf.ByteString;
import dev.sheaf.flightsql.session.CallCancel;
import dev.sheaf.flightsql.session.Caller;
import dev.sheaf.flightsql.session.ClientSession;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Handles.Handle;
import dev.sheaf.flightsql.session.OpenTransaction;
import dev.sheaf.flightsql.session.Sessions;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens calls: finds the session, counts the call, bounds how many run at once. Thread-safe. */
final class Calls {
  private static final long MAX_WAIT_MILLIS = 1000;

  private final Sessions sessions;
  private final Handles handles;
  private final Semaphore running;

  Calls(Sessions sessions, Handles handles, int maxStatements) {
    this.sessions = sessions;
    this.handles = handles;
    this.running = new Semaphore(maxStatements);
  }

  /** A call in the caller's own session. */
  Call begin() {
    Caller caller = Caller.current();
    return enter(caller, sessions.of(caller));
  }

  /** A call that names something in a session by its handle. */
  Call begin(Handle handle) {
    Caller caller = Caller.current();
    return enter(caller, sessions.owning(handle, caller));
  }

  /**
   * A call that may name a transaction.
   *
   * @param transactionId the handle; empty = none
   */
  Call beginIn(ByteString transactionId) {
    if (transactionId.isEmpty()) {
      return begin();
    }
    Handle handle = handles.decode(transactionId, Handles.Kind.TRANSACTION);
    Call call = begin(handle);
    try {
      call.transaction = call.session.transaction(handle);
      return call;
    } catch (RuntimeException e) {
      call.close();
      throw e;
    }
  }

  private Call enter(Caller caller, ClientSession session) {
    boolean admitted = false;
    try {
      admitted = running.tryAcquire(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!admitted) {
      throw new SheafException(
              ErrorCode.TOO_MANY_CONNECTIONS, "the server runs as many statements as it may")
          .withHint("Try again in a moment.");
    }
    try {
      session.enter();
    } catch (RuntimeException e) {
      running.release();
      throw e;
    }
    return new Call(caller, session);
  }

  /** A call in progress; closed when its answer is complete, by any thread, once. */
  final class Call implements AutoCloseable {
    private final Caller caller;
    private final ClientSession session;
    private final CallCancel cancel = new CallCancel();
    private @Nullable OpenTransaction transaction;

    private Call(Caller caller, ClientSession session) {
      this.caller = caller;
      this.session = session;
    }

    Caller caller() {
      return caller;
    }

    ClientSession session() {
      return session;
    }

    CallCancel cancel() {
      return cancel;
    }

    /** The engine's session: the named transaction's, else that of the call's database. */
    SqlSession sql() {
      OpenTransaction named = transaction;
      return named == null ? session.databases().open(caller) : named.sql();
    }

    /** The engine's handle of the named transaction; null = the session's own or autocommit. */
    @Nullable String transaction() {
      OpenTransaction named = transaction;
      return named == null ? null : named.engineHandle();
    }

    @Override
    public void close() {
      session.leave();
      running.release();
    }
  }
}

package dev.sheaf.flightsql.session;

import dev.sheaf.rpc.sql.SqlSession;
import io.grpc.Context;

/**
 * Has the client gone, has its deadline passed, or has somebody cancelled the statement? gRPC's
 * context tells of the first two at once, even while the call's own callbacks are blocked behind
 * the statement. Thread-safe.
 */
public final class CallCancel implements SqlSession.Cancel {
  private final Context context;
  private volatile boolean requested;

  /** For the running call. */
  public CallCancel() {
    this.context = Context.current();
  }

  /** Cancels from another call. */
  public void request() {
    requested = true;
  }

  @Override
  public boolean isCancelled() {
    return requested || context.isCancelled();
  }
}

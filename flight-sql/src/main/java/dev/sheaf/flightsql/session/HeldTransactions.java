package dev.sheaf.flightsql.session;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session's transactions by handle. One that was used and then left alone is rolled back; its
 * handle answers 25P03 from then on. One that was never used costs nothing and stays, because some
 * clients always hold one. Thread-safe.
 */
public final class HeldTransactions {
  private final int max;
  private final Map<Long, State> open = new HashMap<>();

  private static final class State {
    final OpenTransaction transaction;
    long lastUsedNanos;
    boolean used;
    boolean expired;

    State(OpenTransaction transaction) {
      this.transaction = transaction;
    }
  }

  HeldTransactions(int max) {
    this.max = max;
  }

  synchronized void add(long number, OpenTransaction transaction) {
    if (open.size() >= max) {
      open.values().removeIf(state -> state.expired);
    }
    if (open.size() >= max) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              "the session has " + max + " open transactions, which is the limit")
          .withHint("End transactions, or open another connection.");
    }
    open.put(number, new State(transaction));
  }

  /** For a statement; resets the idle time. */
  synchronized OpenTransaction use(long number, long nowNanos) {
    State state = find(number);
    state.used = true;
    state.lastUsedNanos = nowNanos;
    return state.transaction;
  }

  /** For its end: the handle is unknown afterwards. */
  synchronized OpenTransaction remove(long number) {
    try {
      return find(number).transaction;
    } finally {
      open.remove(number);
    }
  }

  private State find(long number) {
    State state = open.get(number);
    if (state == null) {
      throw Handles.unknown(Handles.Kind.TRANSACTION);
    }
    if (state.expired) {
      throw idle();
    }
    return state;
  }

  static SheafException idle() {
    return new SheafException(
            ErrorCode.IDLE_IN_TRANSACTION_TIMEOUT,
            "the transaction was rolled back because it was idle for too long")
        .withHint("Begin a new transaction and repeat its statements.");
  }

  /** Whether one had a statement and has not ended. */
  synchronized boolean isAnyInUse() {
    return open.values().stream().anyMatch(state -> state.used && !state.expired);
  }

  /** Rolls back those idle for longer than the limit. */
  void expire(long nowNanos, long idleNanos) {
    State state = nextIdle(nowNanos, idleNanos);
    while (state != null) {
      state
          .transaction
          .sql()
          .endTransaction(state.transaction.engineHandle(), false, SqlSession.Cancel.NEVER);
      state = nextIdle(nowNanos, idleNanos);
    }
  }

  private synchronized @Nullable State nextIdle(long nowNanos, long idleNanos) {
    for (State state : open.values()) {
      if (state.used && !state.expired && nowNanos - state.lastUsedNanos > idleNanos) {
        state.expired = true;
        return state;
      }
    }
    return null;
  }
}

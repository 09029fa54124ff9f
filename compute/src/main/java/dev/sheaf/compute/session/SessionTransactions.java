package dev.sheaf.compute.session;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The transactions that a session has open: its own, and further ones by handle. Thread-safe. */
final class SessionTransactions {
  private final Map<String, OpenTransaction> byHandle = new ConcurrentHashMap<>();
  private final Supplier<UUID> handles;
  private final int limit;
  private volatile @Nullable OpenTransaction own;

  SessionTransactions(Supplier<UUID> handles, int limit) {
    this.handles = handles;
    this.limit = limit;
  }

  /**
   * The transaction that a call names: null means the session's own, or none.
   *
   * @throws SheafException 25P01 unknown handle
   */
  @Nullable OpenTransaction find(@Nullable String handle) {
    if (handle == null) {
      return own;
    }
    OpenTransaction transaction = byHandle.get(handle);
    if (transaction == null) {
      throw unknown();
    }
    return transaction;
  }

  private static SheafException unknown() {
    return new SheafException(
        ErrorCode.NO_ACTIVE_SQL_TRANSACTION, "there is no such transaction in this session");
  }

  /** BEGIN; 25001 if the session's own is open. */
  synchronized void begin(OpenTransaction transaction) {
    if (own != null) {
      throw new SheafException(
          ErrorCode.ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
    }
    own = transaction;
  }

  /** COMMIT or ROLLBACK; 25P01 if none is open. */
  void end(boolean commit, Deadline deadline) {
    OpenTransaction ending;
    synchronized (this) {
      ending = own;
      if (ending == null) {
        throw new SheafException(
            ErrorCode.NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
      }
    }
    try {
      ending.end(commit, deadline);
    } finally {
      if (ending.hasEnded()) {
        synchronized (this) {
          own = null;
        }
      }
    }
  }

  synchronized String open(OpenTransaction transaction) {
    if (byHandle.size() >= limit) {
      throw new SheafException(
              ErrorCode.TOO_MANY_CONNECTIONS, "the session has " + limit + " transactions open")
          .withHint("End some of them.");
    }
    String handle = handles.get().toString();
    byHandle.put(handle, transaction);
    return handle;
  }

  void end(String handle, boolean commit, Deadline deadline) {
    OpenTransaction transaction = byHandle.get(handle);
    if (transaction == null) {
      throw unknown();
    }
    try {
      transaction.end(commit, deadline);
    } finally {
      if (transaction.hasEnded()) {
        byHandle.remove(handle);
      }
    }
  }

  void expire(long idleMillis) {
    OpenTransaction current = own;
    if (current != null) {
      current.expire(idleMillis);
    }
    byHandle.values().forEach(transaction -> transaction.expire(idleMillis));
  }

  void rollbackAll(Deadline deadline) {
    for (OpenTransaction transaction : byHandle.values()) {
      transaction.end(false, deadline);
    }
    byHandle.clear();
    OpenTransaction current = own;
    if (current != null) {
      current.end(false, deadline);
      own = null;
    }
  }
}

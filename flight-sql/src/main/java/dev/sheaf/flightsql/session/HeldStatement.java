package dev.sheaf.flightsql.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement of the engine with those who still need it: the client's handle and running
 * or waiting executions. The last one to {@link #release} closes it. Thread-safe.
 */
public final class HeldStatement {
  private final SqlSession sql;
  private final PreparedSql prepared;
  private final @Nullable String transaction;
  private final AtomicReference<@Nullable Batch> bound = new AtomicReference<>();
  private final AtomicInteger holders = new AtomicInteger(1);
  private volatile long lastUsedNanos;

  /**
   * @param transaction the engine's handle of the transaction it belongs to; null = the session's
   */
  public HeldStatement(
      SqlSession sql, PreparedSql prepared, @Nullable String transaction, long nowNanos) {
    this.sql = sql;
    this.prepared = prepared;
    this.transaction = transaction;
    this.lastUsedNanos = nowNanos;
  }

  public SqlSession sql() {
    return sql;
  }

  public PreparedSql prepared() {
    return prepared;
  }

  public @Nullable String transaction() {
    return transaction;
  }

  /** Remembers parameters for the executions that follow; the last binding counts. */
  public void bind(Batch parameters) {
    bound.set(parameters);
  }

  public @Nullable Batch bound() {
    return bound.get();
  }

  void touch(long nowNanos) {
    lastUsedNanos = nowNanos;
  }

  long idleNanos(long nowNanos) {
    return nowNanos - lastUsedNanos;
  }

  /** One more holder; false if the statement is closed already. */
  public boolean retain() {
    return holders.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  public void release() {
    if (holders.decrementAndGet() == 0) {
      prepared.close();
    }
  }
}

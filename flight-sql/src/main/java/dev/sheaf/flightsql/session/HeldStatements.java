package dev.sheaf.flightsql.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A session's prepared statements, waiting queries and running ones, by number. Thread-safe. */
public final class HeldStatements {
  private final SessionLimits limits;

  /** The least recently used first. */
  private final Map<Long, HeldStatement> prepared = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<Long, WaitingQuery> waiting = new LinkedHashMap<>();
  private final Map<Long, CallCancel> running = new HashMap<>();
  private boolean closed;

  HeldStatements(SessionLimits limits) {
    this.limits = limits;
  }

  /**
   * Keeps a statement under the client's handle; takes over the caller's hold. At the limit the
   * least recently used one gives way: the stock JDBC driver prepares each text that a Statement
   * executes and closes none of them but the last.
   */
  void addPrepared(long number, HeldStatement statement) {
    HeldStatement gone = null;
    synchronized (this) {
      if (closed) {
        gone = statement;
      } else {
        if (prepared.size() >= limits.maxPrepared()) {
          Iterator<HeldStatement> leastUsedFirst = prepared.values().iterator();
          gone = leastUsedFirst.next();
          leastUsedFirst.remove();
        }
        prepared.put(number, statement);
      }
    }
    if (gone != null) {
      gone.release();
    }
  }

  /**
   * The statement, held once more for the caller, who releases it.
   *
   * @throws dev.sheaf.protocol.error.SheafException 26000 if there is none
   */
  public synchronized HeldStatement prepared(long number, long nowNanos) {
    HeldStatement statement = prepared.get(number);
    if (statement == null || !statement.retain()) {
      throw Handles.unknown(Handles.Kind.PREPARED);
    }
    statement.touch(nowNanos);
    return statement;
  }

  /** Idempotent. */
  public void closePrepared(long number) {
    HeldStatement statement;
    synchronized (this) {
      statement = prepared.remove(number);
    }
    if (statement != null) {
      statement.release();
    }
  }

  /** Keeps a query until its DoGet; takes over the caller's hold of the statement. */
  void addWaiting(long number, WaitingQuery query) {
    WaitingQuery oldest = null;
    synchronized (this) {
      if (closed) {
        oldest = query;
      } else {
        waiting.put(number, query);
        if (waiting.size() > limits.maxWaitingQueries()) {
          Iterator<WaitingQuery> inOrder = waiting.values().iterator();
          oldest = inOrder.next();
          inOrder.remove();
        }
      }
    }
    if (oldest != null) {
      oldest.statement().release();
    }
  }

  /**
   * The query, which then runs: a result is fetched once. The caller releases the statement and
   * calls {@link #finished}.
   *
   * @throws dev.sheaf.protocol.error.SheafException 26000 if it was fetched, cancelled or has
   *     expired
   */
  public synchronized WaitingQuery start(long number, CallCancel cancel) {
    WaitingQuery query = waiting.remove(number);
    if (query == null) {
      throw Handles.unknown(Handles.Kind.QUERY);
    }
    running.put(number, cancel);
    return query;
  }

  public synchronized void finished(long number) {
    running.remove(number);
  }

  /** Drops a waiting query or stops a running one; false if it is neither. */
  public boolean cancel(long number) {
    WaitingQuery query;
    CallCancel cancel;
    synchronized (this) {
      query = waiting.remove(number);
      cancel = running.get(number);
    }
    if (query != null) {
      query.statement().release();
    }
    if (cancel != null) {
      cancel.request();
    }
    return query != null || cancel != null;
  }

  /** Closes what has been idle for too long. */
  void expire(long nowNanos, long idleNanos) {
    List<HeldStatement> idle = new ArrayList<>();
    synchronized (this) {
      prepared.values().removeIf(s -> s.idleNanos(nowNanos) > idleNanos && idle.add(s));
      waiting
          .values()
          .removeIf(q -> q.statement().idleNanos(nowNanos) > idleNanos && idle.add(q.statement()));
    }
    idle.forEach(HeldStatement::release);
  }

  /** Stops and closes everything. */
  void close() {
    List<HeldStatement> all = new ArrayList<>();
    List<CallCancel> cancels;
    synchronized (this) {
      closed = true;
      all.addAll(prepared.values());
      waiting.values().forEach(q -> all.add(q.statement()));
      cancels = new ArrayList<>(running.values());
      prepared.clear();
      waiting.clear();
    }
    cancels.forEach(CallCancel::request);
    all.forEach(HeldStatement::release);
  }
}

package dev.sheaf.systemtests.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Runs one transaction after the other in a session, and connects again when that broke. Each runs
 * on a thread of its own.
 */
abstract class Client implements Runnable {
  /** Short, so that a fault shows as an error and not only as silence. */
  static final int STATEMENT_MILLIS = 15_000;

  private static final long RECONNECT_MILLIS = 20;

  private final String name;
  private final Callable<Connection> connector;
  private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;
  private volatile Throwable defect;
  private volatile long lastBeginNanos = Long.MIN_VALUE;

  Client(String name, Callable<Connection> connector) {
    this.name = name;
    this.connector = connector;
  }

  /** One transaction; leaves none open if it succeeds. Checks what it reads. */
  abstract void transact(Statement session) throws SQLException;

  /** The transaction failed; the session, if it lives, is not in a transaction any more. */
  void failed(Outcome outcome) {}

  @Override
  public final void run() {
    try {
      while (!stopping) {
        session();
      }
    } catch (Throwable e) {
      defect = e;
    }
  }

  private void session() throws Exception {
    try (Connection connection = connect();
        Statement session = connection.createStatement()) {
      session.executeUpdate("SET statement_timeout_ms = " + STATEMENT_MILLIS);
      boolean alive = true;
      while (alive && !stopping) {
        alive = once(session);
      }
    } catch (SQLException e) {
      // Nothing was under way: the session could not begin, or end.
      Thread.sleep(RECONNECT_MILLIS);
    }
  }

  private Connection connect() throws SQLException {
    try {
      return connector.call();
    } catch (SQLException e) {
      throw e;
    } catch (Exception e) {
      throw new SQLException(e);
    }
  }

  private boolean once(Statement session) {
    long begin = System.nanoTime();
    try {
      transact(session);
      outcomes.add(Outcome.committed(begin, System.nanoTime()));
      lastBeginNanos = begin;
      return true;
    } catch (SQLException e) {
      var outcome = Outcome.failed(begin, System.nanoTime(), e);
      boolean alive = !outcome.sqlState().equals(Outcome.BROKEN) && rolledBack(session);
      outcomes.add(outcome);
      failed(outcome);
      return alive;
    }
  }

  private static boolean rolledBack(Statement session) {
    try {
      session.executeUpdate("ROLLBACK");
      return true;
    } catch (SQLException e) {
      // No transaction: a COMMIT that failed has ended it.
      return Outcome.stateOf(e).equals("25P01");
    }
  }

  String name() {
    return name;
  }

  /** Whether it has committed what it began after a moment. */
  boolean hasCommittedSince(long nanos) {
    return lastBeginNanos != Long.MIN_VALUE && lastBeginNanos - nanos > 0;
  }

  void stop() {
    stopping = true;
  }

  /** Wrong answers and defects of the test. */
  void check() {
    if (defect != null) {
      throw new AssertionError(name, defect);
    }
  }

  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }
}

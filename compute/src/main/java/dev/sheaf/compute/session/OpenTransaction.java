package dev.sheaf.compute.session;

import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.compute.transaction.Transaction;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A transaction that outlives its statements: one statement at a time, rolled back when it was idle
 * for too long. Thread-safe.
 */
final class OpenTransaction {
  private final Transaction transaction;
  private final BiFunction<Transaction, SheafException, SheafException> readable;
  private final Runnable rolledBack;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private long lastUsedNanos;
  private boolean expired;

  /**
   * @param readable makes a commit's error readable
   * @param rolledBack is told, once, when the transaction ends without a commit being tried
   */
  OpenTransaction(
      Transaction transaction,
      BiFunction<Transaction, SheafException, SheafException> readable,
      Runnable rolledBack,
      TimeSource time) {
    this.transaction = transaction;
    this.readable = readable;
    this.rolledBack = rolledBack;
    this.time = time;
    this.lastUsedNanos = time.nanoTime();
  }

  /** Runs a statement or the end of the transaction; an error makes the transaction failed. */
  <T> T run(Deadline deadline, Function<Transaction, T> statement) {
    lock(deadline);
    try {
      requireNotExpired();
      transaction.requireActive();
      try {
        return statement.apply(transaction);
      } catch (RuntimeException | Error e) {
        transaction.fail();
        throw e;
      }
    } finally {
      lastUsedNanos = time.nanoTime();
      lock.unlock();
    }
  }

  /** A result of the transaction failed while it was read. */
  void fail() {
    transaction.fail();
  }

  /**
   * Ends the transaction in any case.
   *
   * @throws SheafException 25P02 for COMMIT of a failed transaction, which is rolled back; 25P03
   *     after the idle timeout; what the commit throws
   */
  void end(boolean commit, Deadline deadline) {
    lock(deadline);
    try {
      if (!commit) {
        rollBack();
        return;
      }
      requireNotExpired();
      if (transaction.isFailed()) {
        rollBack();
        throw new SheafException(
                ErrorCode.IN_FAILED_SQL_TRANSACTION,
                "the transaction had failed and was rolled back")
            .withHint("An earlier statement of the transaction had an error.");
      }
      transaction.commit(deadline);
    } catch (SheafException e) {
      throw readable.apply(transaction, e);
    } finally {
      lock.unlock();
    }
  }

  private void rollBack() {
    if (!transaction.hasEnded()) {
      transaction.rollback();
      rolledBack.run();
    }
  }

  /** False while a statement that is still running keeps it from ending. */
  boolean hasEnded() {
    return transaction.hasEnded();
  }

  private void requireNotExpired() {
    if (expired) {
      throw new SheafException(
              ErrorCode.IDLE_IN_TRANSACTION_TIMEOUT,
              "the transaction was rolled back: it was idle for too long")
          .withHint("SET idle_in_transaction_timeout_ms allows longer pauses. Send ROLLBACK.");
    }
  }

  private void lock(Deadline deadline) {
    try {
      if (!lock.tryLock(deadline.remainingNanos(time.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw new SheafException(
            ErrorCode.OBJECT_IN_USE, "another statement of the transaction is still running");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(
          ErrorCode.QUERY_CANCELED, "interrupted while waiting for the transaction", e);
    }
  }

  /** Rolls back if no statement is running and the last one ended too long ago. */
  void expire(long idleMillis) {
    if (idleMillis == 0 || !lock.tryLock()) {
      return;
    }
    try {
      if (time.nanoTime() - lastUsedNanos > idleMillis * 1_000_000L && !expired) {
        expired = true;
        rollBack();
      }
    } finally {
      lock.unlock();
    }
  }
}

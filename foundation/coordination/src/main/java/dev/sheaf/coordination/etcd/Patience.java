package dev.sheaf.coordination.etcd;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How long one operation goes on trying: tries that wait twice as long each time, with growing
 * pauses in between that differ from process to process. Not thread-safe.
 */
final class Patience {
  private static final long FIRST_PAUSE_NANOS = 20_000_000;
  private static final long LONGEST_PAUSE_NANOS = 500_000_000;

  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final long endNanos;
  private long tryNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /**
   * @param firstTry how long the first try waits for its answer
   */
  Patience(LongSupplier nanoClock, RandomGenerator random, Duration firstTry, Duration all) {
    this.nanoClock = nanoClock;
    this.random = random;
    this.endNanos = nanoClock.getAsLong() + all.toNanos();
    this.tryNanos = firstTry.toNanos();
  }

  private long remainingNanos() {
    return endNanos - nanoClock.getAsLong();
  }

  /** Whether there is no time for another try. */
  boolean isOver() {
    return remainingNanos() <= 0;
  }

  /** How long the next try may wait for its answer; positive. */
  long nextTryNanos() {
    long next = Math.min(tryNanos, Math.max(1, remainingNanos()));
    tryNanos *= 2;
    return next;
  }

  /** Waits for the lock; false if the end comes first or the thread is interrupted. */
  boolean lock(ReentrantLock lock) {
    try {
      return lock.tryLock(remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits before the next try, never beyond the end. */
  void pause() throws EtcdFailure {
    long nanos = pauseNanos / 2 + random.nextLong(pauseNanos / 2 + 1);
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    try {
      TimeUnit.NANOSECONDS.sleep(Math.min(nanos, Math.max(0, remainingNanos())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EtcdFailure.interrupted(e);
    }
  }
}

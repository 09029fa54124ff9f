package dev.sheaf.rpc.shard.grpc;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Whether a stream's client is still there: it is until its stream ends, or it was silent for the
 * lease, or the stream has lived for as long as it may. Thread-safe.
 */
final class StreamLease {
  private final long leaseNanos;
  private final long endNanos;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long heardNanos;
  private boolean ended;

  StreamLease(long leaseMillis, long lifeMillis, LongSupplier nanoTime) {
    this.leaseNanos = TimeUnit.MILLISECONDS.toNanos(leaseMillis);
    this.nanoTime = nanoTime;
    this.heardNanos = nanoTime.getAsLong();
    this.endNanos = heardNanos + TimeUnit.MILLISECONDS.toNanos(lifeMillis);
  }

  /** The client said something. */
  void renew() {
    lock.lock();
    try {
      heardNanos = nanoTime.getAsLong();
    } finally {
      lock.unlock();
    }
  }

  /** The stream is over. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets whoever waits look at its condition again. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the condition holds; it is looked at again after each {@link #wake}.
   *
   * @return false when the stream or its lease ended before
   */
  boolean await(BooleanSupplier condition) {
    lock.lock();
    try {
      while (!ended) {
        if (condition.getAsBoolean()) {
          return true;
        }
        long now = nanoTime.getAsLong();
        long left = Math.min(heardNanos + leaseNanos, endNanos) - now;
        if (left <= 0) {
          return false;
        }
        long unused = changed.awaitNanos(left);
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}

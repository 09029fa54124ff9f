package dev.sheaf.pageserver.flush;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Bytes of the memtables of all shards, with back-pressure: commits are let in at once while there
 * is room, a little later when it gets scarce, and not before a flush made room when there is none.
 * Each shard has an {@link Account}. Thread-safe.
 */
public final class MemtableBudget {
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** A flush that was asked for may give too little room, or none while another one runs. */
  private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final long limitBytes;
  private final long scarceBytes;
  private final LongSupplier nanoClock;
  private final Runnable onScarce;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private long usedBytes;

  /**
   * @param onScarce asks for a flush; called often, must not block
   */
  public MemtableBudget(long limitBytes, LongSupplier nanoClock, Runnable onScarce) {
    this.limitBytes = limitBytes;
    this.scarceBytes = limitBytes / 4 * 3;
    this.nanoClock = nanoClock;
    this.onScarce = onScarce;
  }

  private void admit(long bytes, Deadline deadline) {
    boolean scarce;
    lock.lock();
    try {
      scarce = usedBytes + bytes > scarceBytes;
      if (!scarce) {
        usedBytes += bytes;
        return;
      }
    } finally {
      lock.unlock();
    }
    onScarce.run();
    lock.lock();
    try {
      if (usedBytes + bytes <= limitBytes) {
        // Slower than flushing, if only a little: gives the flush a chance to stay ahead.
        await(Math.min(SLOW_NANOS, deadline.remainingNanos(nanoClock.getAsLong())));
      }
      if (takeOrAwait(bytes, deadline)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    while (true) {
      onScarce.run();
      lock.lock();
      try {
        if (takeOrAwait(bytes, deadline)) {
          return;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Under the lock: takes the bytes, or waits for a moment; 53400 at the deadline. */
  private boolean takeOrAwait(long bytes, Deadline deadline) {
    // One commit larger than the bound may pass when it is alone.
    if (usedBytes + bytes <= limitBytes || usedBytes <= 0) {
      usedBytes += bytes;
      return true;
    }
    long left = deadline.remainingNanos(nanoClock.getAsLong());
    if (left == 0) {
      throw full();
    }
    await(Math.min(left, ASK_AGAIN_NANOS));
    return false;
  }

  private void await(long nanos) {
    try {
      long unused = released.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while waiting for memory", e);
    }
  }

  private static SheafException full() {
    return new SheafException(
            ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
            "commits come faster than they can be flushed to the object store")
        .withHint("Try again in a moment; nothing was applied.");
  }

  private void force(long bytes) {
    lock.lock();
    try {
      usedBytes += bytes;
    } finally {
      lock.unlock();
    }
  }

  private void release(long bytes) {
    lock.lock();
    try {
      usedBytes -= bytes;
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public long usedBytes() {
    lock.lock();
    try {
      return usedBytes;
    } finally {
      lock.unlock();
    }
  }

  public Account account() {
    return new Account();
  }

  /** What one shard has taken; nothing counts any more once it is closed. Thread-safe. */
  public final class Account implements AutoCloseable {
    private long held;
    private boolean closed;

    private Account() {}

    /** Takes bytes for a commit; 53400 if there is no room before the deadline. */
    public void admit(long bytes, Deadline deadline) {
      MemtableBudget.this.admit(bytes, deadline);
      hold(bytes);
    }

    /** Takes bytes that are needed whatever the bound says: the replay of committed records. */
    public void force(long bytes) {
      MemtableBudget.this.force(bytes);
      hold(bytes);
    }

    private synchronized void hold(long bytes) {
      if (closed) {
        MemtableBudget.this.release(bytes);
      } else {
        held += bytes;
      }
    }

    public synchronized void release(long bytes) {
      if (!closed) {
        held -= bytes;
        MemtableBudget.this.release(bytes);
      }
    }

    /** Gives back all that is still held. */
    @Override
    public synchronized void close() {
      closed = true;
      MemtableBudget.this.release(held);
      held = 0;
    }
  }
}

package dev.sheaf.control.reconcile;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * One step on a database at a time. Two databases may share a lock, which only costs time.
 * Thread-safe.
 */
final class DatabaseLocks {
  private static final int STRIPES = 64;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private final LongSupplier nanoClock;

  DatabaseLocks(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  /** 55006 when another step does not end before the deadline. */
  void run(DatabaseId database, Deadline deadline, Runnable step) {
    ReentrantLock lock = stripes[Math.floorMod(database.hashCode(), STRIPES)];
    try {
      long nanos = deadline.remainingNanos(nanoClock.getAsLong());
      if (!lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
        throw new SheafException(
                ErrorCode.OBJECT_IN_USE, "another operation on the database is under way")
            .withHint("Try again in a moment.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "interrupted while waiting", e);
    }
    try {
      step.run();
    } finally {
      lock.unlock();
    }
  }
}

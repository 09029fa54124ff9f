package dev.sheaf.pageserver.serve;

import dev.sheaf.protocol.Deadline;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Slows commits down while compaction falls behind: the more segments wait for it, the longer each
 * commit pauses, a little more with each. Never refuses one. Thread-safe.
 */
final class CompactionPressure {
  /** So many may wait without anybody noticing. */
  private static final int FREE_SEGMENTS = 64;

  private static final long NANOS_PER_SEGMENT = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final IntSupplier waitingSegments;
  private final StoreTotals totals;
  private final LongSupplier nanoClock;

  CompactionPressure(IntSupplier waitingSegments, StoreTotals totals, LongSupplier nanoClock) {
    this.waitingSegments = waitingSegments;
    this.totals = totals;
    this.nanoClock = nanoClock;
  }

  /** How long a commit pauses now. */
  long pauseNanos() {
    int over = waitingSegments.getAsInt() - FREE_SEGMENTS;
    return over <= 0 ? 0 : Math.min(LONGEST_NANOS, over * NANOS_PER_SEGMENT);
  }

  /** Returns early at the deadline or when the thread is interrupted. */
  void pause(Deadline deadline) {
    long nanos = Math.min(pauseNanos(), deadline.remainingNanos(nanoClock.getAsLong()));
    if (nanos <= 0) {
      return;
    }
    totals.paused(nanos);
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.memory.MemoryBudget;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one operator has taken from the query's budget. Bytes are reserved before they are
 * allocated; {@link #close} gives all of them back. Thread-safe.
 */
final class Reservation implements AutoCloseable {
  private final MemoryBudget budget;
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong spilled = new AtomicLong();

  Reservation(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Takes bytes or fails with 53200. */
  void add(long bytes) {
    budget.reserve(bytes);
    peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
  }

  /**
   * Takes bytes if a share of the budget is still free afterwards.
   *
   * @param headroomShare one part in so many
   */
  boolean tryAdd(long bytes, int headroomShare) {
    if (!budget.tryReserve(bytes, budget.limitBytes() / headroomShare)) {
      return false;
    }
    peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
    return true;
  }

  /** Of the whole budget. */
  long limitBytes() {
    return budget.limitBytes();
  }

  long heldBytes() {
    return held.get();
  }

  void remove(long bytes) {
    held.addAndGet(-bytes);
    budget.release(bytes);
  }

  /** The peak since this was asked last. */
  long takePeakBytes() {
    return peak.getAndSet(0);
  }

  /** Notes what the operator has put on disk instead. */
  void spilled(long bytes) {
    spilled.addAndGet(bytes);
  }

  /** What has been put on disk since this was asked last. */
  long takeSpilledBytes() {
    return spilled.getAndSet(0);
  }

  int[] grow(int[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    int length = grown(needed, array.length);
    add(4L * (length - array.length));
    return Arrays.copyOf(array, length);
  }

  long[] grow(long[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    int length = grown(needed, array.length);
    add(8L * (length - array.length));
    return Arrays.copyOf(array, length);
  }

  double[] grow(double[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    int length = grown(needed, array.length);
    add(8L * (length - array.length));
    return Arrays.copyOf(array, length);
  }

  byte[] grow(byte[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    int length = grown(needed, array.length);
    add(length - array.length);
    return Arrays.copyOf(array, length);
  }

  <T extends @Nullable Object> T[] grow(T[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    int length = grown(needed, array.length);
    add(8L * (length - array.length));
    return Arrays.copyOf(array, length);
  }

  private static int grown(int needed, int length) {
    return Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 16L, Math.max(16L, 2L * length)));
  }

  @Override
  public void close() {
    long bytes = held.getAndSet(0);
    if (bytes != 0) {
      budget.release(bytes);
    }
  }
}

package dev.sheaf.columnar.memory;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that a query (or the process) may hold. A child also charges its parent. Reserve before
 * allocating. Thread-safe.
 */
public final class MemoryBudget implements AutoCloseable {
  private final String name;
  private final long limitBytes;
  private final @Nullable MemoryBudget parent;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();

  public MemoryBudget(String name, long limitBytes) {
    this(name, limitBytes, null);
  }

  private MemoryBudget(String name, long limitBytes, @Nullable MemoryBudget parent) {
    this.name = name;
    this.limitBytes = limitBytes;
    this.parent = parent;
  }

  public MemoryBudget child(String childName, long childLimitBytes) {
    return new MemoryBudget(childName, childLimitBytes, this);
  }

  /** Takes bytes, or fails with 53200 and takes nothing. */
  public void reserve(long bytes) {
    if (!tryReserve(bytes)) {
      throw new SheafException(
              ErrorCode.OUT_OF_MEMORY,
              "out of memory: "
                  + name
                  + " holds "
                  + used.get()
                  + " bytes and needs "
                  + bytes
                  + " more; the limit is "
                  + limitBytes)
          .withHint("Ask for fewer rows or columns, or raise query_memory_mb.");
    }
  }

  public boolean tryReserve(long bytes) {
    return tryReserve(bytes, 0);
  }

  /** Takes bytes if so many stay free of this budget, whatever its parent has. */
  public boolean tryReserve(long bytes, long headroomBytes) {
    long now = used.addAndGet(bytes);
    if (now > limitBytes - headroomBytes || (parent != null && !parent.tryReserve(bytes))) {
      used.addAndGet(-bytes);
      return false;
    }
    peak.accumulateAndGet(now, Math::max);
    return true;
  }

  public void release(long bytes) {
    used.addAndGet(-bytes);
    if (parent != null) {
      parent.release(bytes);
    }
  }

  public long usedBytes() {
    return used.get();
  }

  public long peakBytes() {
    return peak.get();
  }

  public long limitBytes() {
    return limitBytes;
  }

  /** Gives back all that is still held. */
  @Override
  public void close() {
    long left = used.getAndSet(0);
    if (parent != null && left != 0) {
      parent.release(left);
    }
  }
}

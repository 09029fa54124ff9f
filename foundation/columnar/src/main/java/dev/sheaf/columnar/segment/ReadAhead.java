package dev.sheaf.columnar.segment;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads of the store before anybody needs their bytes, in the background, at most so many bytes at
 * a time for the whole process. What goes beyond is not queued: whoever needs it reads it then.
 * Thread-safe.
 */
public final class ReadAhead {
  /** Reads nothing ahead. */
  public static final ReadAhead NONE = new ReadAhead(Runnable::run, 0);

  private final Executor executor;
  private final long limitBytes;
  private final AtomicLong underWay = new AtomicLong();
  private final LongAdder started = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * @param executor for tasks that wait for the store: a virtual thread each
   * @param limitBytes of all reads under way
   */
  public ReadAhead(Executor executor, long limitBytes) {
    this.executor = executor;
    this.limitBytes = limitBytes;
  }

  /** Bytes of the reads started and of those left out since the start, and under way now. */
  public record Stats(long startedBytes, long refusedBytes, long underWayBytes) {}

  public Stats stats() {
    return new Stats(started.sum(), refused.sum(), underWay.get());
  }

  boolean isOn() {
    return limitBytes > 0;
  }

  /** Runs a read soon, in the background; false when there is no room for it. */
  boolean start(long bytes, Runnable read) {
    if (underWay.addAndGet(bytes) > limitBytes) {
      underWay.addAndGet(-bytes);
      refused.add(bytes);
      return false;
    }
    try {
      executor.execute(() -> {
        try {
          read.run();
        } finally {
          underWay.addAndGet(-bytes);
        }
      });
    } catch (RejectedExecutionException e) {
      underWay.addAndGet(-bytes); // the process is stopping
      return false;
    }
    started.add(bytes);
    return true;
  }
}

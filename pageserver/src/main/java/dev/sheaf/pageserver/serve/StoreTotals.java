package dev.sheaf.pageserver.serve;

import java.util.concurrent.atomic.LongAdder;

/** What a page server has written to the object store since its start, in bytes. Thread-safe. */
public final class StoreTotals {
  private final LongAdder flushed = new LongAdder();
  private final LongAdder compactionRead = new LongAdder();
  private final LongAdder compactionWritten = new LongAdder();
  private final LongAdder compactions = new LongAdder();
  private final LongAdder pausedNanos = new LongAdder();
  private final LongAdder swept = new LongAdder();

  void flushed(long bytes) {
    flushed.add(bytes);
  }

  void compacted(long readBytes, long writtenBytes) {
    compactions.increment();
    compactionRead.add(readBytes);
    compactionWritten.add(writtenBytes);
  }

  void paused(long nanos) {
    pausedNanos.add(nanos);
  }

  void swept(int objects) {
    swept.add(objects);
  }

  /** Segments of flushes and bulk loads. */
  public long flushedBytes() {
    return flushed.sum();
  }

  public long compactions() {
    return compactions.sum();
  }

  public long compactionReadBytes() {
    return compactionRead.sum();
  }

  public long compactionWrittenBytes() {
    return compactionWritten.sum();
  }

  /** Time that commits paused because compaction was behind. */
  public long pausedNanos() {
    return pausedNanos.sum();
  }

  /** Objects deleted by sweeps. */
  public long sweptObjects() {
    return swept.sum();
  }
}

package dev.sheaf.pageserver.check;

import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts what a check has looked at, and says so every half a second. Used by one thread. */
final class Tally {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Findings findings;
  private final CheckListener listener;
  private final Runnable goOn;
  private final LongSupplier nanoClock;
  private long toldNanos;
  private long manifests;
  private long objects;
  private long allObjects;
  private long rows;
  private long bytes;

  /**
   * @param goOn asked often; what it throws ends the check
   */
  Tally(Findings findings, CheckListener listener, Runnable goOn, LongSupplier nanoClock) {
    this.findings = findings;
    this.listener = listener;
    this.goOn = goOn;
    this.nanoClock = nanoClock;
    this.toldNanos = nanoClock.getAsLong() - PAUSE_NANOS;
  }

  void manifest(long sizeBytes) {
    manifests++;
    bytes += sizeBytes;
    step();
  }

  /** As many will be looked at. */
  void expect(long objectCount) {
    allObjects = objectCount;
  }

  void object(long sizeBytes) {
    objects++;
    bytes += sizeBytes;
    step();
  }

  void rows(long count) {
    rows += count;
    step();
  }

  /** A piece of work is done that is not counted. */
  void step() {
    goOn.run();
    long now = nanoClock.getAsLong();
    if (now - toldNanos >= PAUSE_NANOS) {
      toldNanos = now;
      listener.progress(checked());
    }
  }

  Checked checked() {
    return new Checked(manifests, objects, allObjects, rows, bytes, findings.count());
  }
}

package dev.sheaf.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Durable appends with 1, 16, 64 and 256 in flight, of 256 bytes and 4 KiB: each system in turn for
 * each setting, so that the machine's moods meet all of them.
 */
final class LogBench {
  private static final int[] IN_FLIGHT = {1, 16, 64, 256};
  private static final int[] ENTRY_BYTES = {256, 4096};
  private static final long PATIENCE_SECONDS = 60;

  private final List<LogTarget> targets;
  private final int seconds;
  private final PrintStream out;

  LogBench(List<LogTarget> targets, int seconds, PrintStream out) {
    this.targets = targets;
    this.seconds = seconds;
    this.out = out;
  }

  void run() throws Exception {
    out.printf(
        "| entry | in flight | system | appends/s | p50 ms | p99 ms"
            + " |%n|---|---|---|---|---|---|%n");
    for (int bytes : ENTRY_BYTES) {
      byte[] entry = new byte[bytes];
      new SplittableRandom(1).nextBytes(entry);
      for (int inFlight : IN_FLIGHT) {
        for (LogTarget target : targets) {
          load(target, entry, inFlight, Math.max(1, seconds / 2));
          Histogram latency = load(target, entry, inFlight, seconds);
          out.printf(
              Locale.ROOT,
              "| %d | %d | %s | %,.0f | %.2f | %.2f |%n",
              bytes,
              inFlight,
              target.name(),
              latency.getTotalCount() / (double) seconds,
              latency.getValueAtPercentile(50) / 1e6,
              latency.getValueAtPercentile(99) / 1e6);
        }
      }
    }
  }

  /** As many appends in flight as asked for at any time. */
  private static Histogram load(LogTarget target, byte[] entry, int inFlight, int seconds)
      throws Exception {
    var latency = new ConcurrentHistogram(3);
    var free = new Semaphore(inFlight);
    var failure = new AtomicReference<Throwable>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end && failure.get() == null) {
      take(free, 1, target);
      long begun = System.nanoTime();
      target
          .append(entry)
          .whenComplete((done, error) -> {
            if (error == null) {
              latency.recordValue(System.nanoTime() - begun);
            } else {
              failure.compareAndSet(null, error);
            }
            free.release();
          });
    }
    take(free, inFlight, target);
    if (failure.get() != null) {
      throw new IllegalStateException(target.name() + " failed", failure.get());
    }
    return latency;
  }

  private static void take(Semaphore free, int permits, LogTarget target) throws Exception {
    if (!free.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException(target.name() + " does not answer");
    }
  }
}

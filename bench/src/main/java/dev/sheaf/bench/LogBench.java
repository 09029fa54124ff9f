package dev.sheaf.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Durable appends with 1, 16, 64 and 256 in flight, of 256 bytes and 4 KiB. In each round the
 * systems take turns for each setting, another one first each time, so that the machine's moods
 * meet all of them.
 */
final class LogBench {
  private static final int[] IN_FLIGHT = {1, 16, 64, 256};
  private static final int[] ENTRY_BYTES = {256, 4096};
  private static final int[] WARM_UP_IN_FLIGHT = {64, 1};
  private static final long PATIENCE_SECONDS = 60;

  private final List<LogTarget> targets;
  private final LogLoad load;
  private final PrintStream out;

  /**
   * How much.
   *
   * @param rounds measurements of each setting
   * @param seconds of each measurement
   * @param warmUpSeconds of each system, before all
   */
  record LogLoad(int rounds, double seconds, int warmUpSeconds) {}

  private record Setting(int bytes, int inFlight, LogTarget target) {}

  LogBench(List<LogTarget> targets, LogLoad load, PrintStream out) {
    this.targets = targets;
    this.load = load;
    this.out = out;
  }

  void run() throws Exception {
    for (LogTarget target : targets) {
      for (int inFlight : WARM_UP_IN_FLIGHT) {
        double seconds = (double) load.warmUpSeconds() / WARM_UP_IN_FLIGHT.length;
        Histogram unused = append(target, entry(ENTRY_BYTES[0]), inFlight, seconds);
      }
    }
    Map<Setting, Measured> all = new LinkedHashMap<>();
    forEach(targets, setting -> all.put(setting, new Measured()));
    for (int round = 0; round < load.rounds(); round++) {
      List<LogTarget> turn = new ArrayList<>(targets);
      Collections.rotate(turn, -round);
      forEach(
          turn,
          setting -> {
            byte[] entry = entry(setting.bytes());
            Histogram unused =
                append(setting.target(), entry, setting.inFlight(), load.seconds() / 4);
            long begun = System.nanoTime();
            Histogram latency = append(setting.target(), entry, setting.inFlight(), load.seconds());
            Measured measured = Objects.requireNonNull(all.get(setting), "one for each setting");
            measured.add(latency, System.nanoTime() - begun);
          });
    }
    out.printf(
        "| entry | in flight | system | %s |%n|---|---|---|---|---|---|%n", Measured.columns());
    all.forEach((setting, measured) ->
        out.printf(
            "| %d | %d | %s | %s |%n",
            setting.bytes(), setting.inFlight(), setting.target().name(), measured.cells()));
  }

  private interface Step {
    void run(Setting setting) throws Exception;
  }

  private static void forEach(List<LogTarget> targets, Step step) throws Exception {
    for (int bytes : ENTRY_BYTES) {
      for (int inFlight : IN_FLIGHT) {
        for (LogTarget target : targets) {
          step.run(new Setting(bytes, inFlight, target));
        }
      }
    }
  }

  private static byte[] entry(int bytes) {
    byte[] entry = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(entry);
    return entry;
  }

  /** As many appends in flight as asked for at any time; the latency of each. */
  private static Histogram append(LogTarget target, byte[] entry, int inFlight, double seconds)
      throws Exception {
    var latency = new ConcurrentHistogram(3);
    var free = new Semaphore(inFlight);
    var failure = new AtomicReference<Throwable>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
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

package dev.sheaf.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The measurements of one setting, one for each round: throughput and latency. */
final class Measured {
  private final List<Double> perSecond = new ArrayList<>();
  private final List<Double> p50Micros = new ArrayList<>();
  private final List<Double> p99Micros = new ArrayList<>();

  /**
   * @param latency nanoseconds of each operation
   * @param elapsedNanos of all of them together
   */
  void add(Histogram latency, long elapsedNanos) {
    perSecond.add(latency.getTotalCount() * 1e9 / elapsedNanos);
    p50Micros.add(latency.getValueAtPercentile(50) / 1e3);
    p99Micros.add(latency.getValueAtPercentile(99) / 1e3);
  }

  /** Heads of {@link #cells}. */
  static String columns() {
    return "per second | p50 us | p99 us";
  }

  /** Three cells of a table: each the rounds' median, least and greatest. */
  String cells() {
    return spread(perSecond) + " | " + spread(p50Micros) + " | " + spread(p99Micros);
  }

  private static String spread(List<Double> rounds) {
    double[] sorted =
        Sample.of(rounds.stream().mapToDouble(Double::doubleValue).toArray()).sorted();
    return sorted.length == 1
        ? String.format(Locale.ROOT, "%,.0f", sorted[0])
        : String.format(
            Locale.ROOT,
            "%,.0f [%,.0f-%,.0f]",
            sorted[(sorted.length - 1) / 2],
            sorted[0],
            sorted[sorted.length - 1]);
  }
}

package dev.sheaf.bench;

import java.util.Arrays;
import java.util.Locale;

/** Measured values, sorted. */
record Sample(double[] sorted) {

  static Sample of(double[] values) {
    double[] copy = values.clone();
    Arrays.sort(copy);
    return new Sample(copy);
  }

  /** Nearest rank. */
  double percentile(double p) {
    int rank = (int) Math.ceil(p / 100 * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length - 1, rank - 1))];
  }

  double median() {
    return percentile(50);
  }

  /** {@code median [min-max]}. */
  String spread() {
    return String.format(
        Locale.ROOT, "%.1f [%.1f-%.1f]", median(), sorted[0], sorted[sorted.length - 1]);
  }
}

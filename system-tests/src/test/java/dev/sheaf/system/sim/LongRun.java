package dev.sheaf.system.sim;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Many seeds, for as long as it takes: {@code LongRun <part> <from> <count>}. Prints failing seeds
 * as they come and the sum of what happened.
 */
final class LongRun {
  private LongRun() {}

  public static void main(String[] arguments) {
    var part = WovenCluster.Part.valueOf(arguments[0]);
    long from = Long.parseLong(arguments[1]);
    long count = Long.parseLong(arguments[2]);
    var cluster = new WovenCluster(part, List.of());
    var sums = new TreeMap<String, Long>();
    long began = System.nanoTime();
    long failures = 0;
    for (long i = 0; i < count; i++) {
      long seed = from + i;
      try {
        Map<String, Long> report = cluster.run(seed);
        report.forEach((what, number) -> sums.merge(what, number, Long::sum));
        if (count == 1) {
          System.out.println(report);
        }
      } catch (AssertionError found) {
        failures++;
        System.out.println(found.getMessage());
        if (count == 1) {
          found.printStackTrace(System.out);
        }
      }
      if ((i + 1) % 100 == 0 || i + 1 == count) {
        System.out.printf(
            "%s seeds %d..%d: %d failed, %.1f s, %s%n",
            part, from, seed, failures, (System.nanoTime() - began) / 1e9, sums);
      }
    }
  }
}

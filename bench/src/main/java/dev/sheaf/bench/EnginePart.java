package dev.sheaf.bench;

import dev.sheaf.cli.cluster.NodeRole;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where the time of a commit goes inside of the cluster: the means of what the processes measured
 * themselves between two looks.
 */
final class EnginePart {
  private static final Map<String, NodeRole> METERS = new LinkedHashMap<>();

  static {
    METERS.put("sheaf_statement_seconds", NodeRole.COMPUTE);
    METERS.put("sheaf_commit_seconds", NodeRole.PAGESERVER);
    METERS.put("sheaf_log_append_seconds", NodeRole.PAGESERVER);
  }

  /** Sums since a process started. */
  private record Total(double seconds, double count) {
    Total since(Total before) {
      return new Total(seconds - before.seconds, count - before.count);
    }

    double meanMicros() {
      return count == 0 ? Double.NaN : seconds / count * 1e6;
    }
  }

  private final Map<String, Total> before;

  private EnginePart(Map<String, Total> before) {
    this.before = before;
  }

  /** Looks for the first time. */
  static EnginePart begin(SheafCluster cluster) throws Exception {
    return new EnginePart(totals(cluster));
  }

  private static Map<String, Total> totals(SheafCluster cluster) throws Exception {
    Map<String, Total> totals = new LinkedHashMap<>();
    for (Map.Entry<String, NodeRole> meter : METERS.entrySet()) {
      String text = cluster.metrics(meter.getValue());
      totals.put(
          meter.getKey(),
          new Total(sum(text, meter.getKey() + "_sum"), sum(text, meter.getKey() + "_count")));
    }
    return totals;
  }

  private static double sum(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Looks again and prints what came in between. */
  void print(SheafCluster cluster, double clientMicros, PrintStream out) throws Exception {
    Map<String, Total> now = totals(cluster);
    String[] names = {
      "compute: statement to count", "page server: commit", "log: append to a majority"
    };
    out.printf("%n| one client, mean | us |%n|---|---|%n");
    out.printf(Locale.ROOT, "| client: call to answer | %,.0f |%n", clientMicros);
    int i = 0;
    for (Map.Entry<String, Total> meter : now.entrySet()) {
      Total total = meter.getValue().since(before.getOrDefault(meter.getKey(), new Total(0, 0)));
      out.printf(Locale.ROOT, "| %s | %,.0f |%n", names[i++], total.meanMicros());
    }
  }
}

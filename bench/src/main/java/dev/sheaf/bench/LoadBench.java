package dev.sheaf.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** lineitem into several systems, by turns, and what it takes on their disks. */
final class LoadBench {
  private static final String CHECK =
      "SELECT count(*), sum(l_extendedprice), sum(l_suppkey), min(l_comment) FROM lineitem";

  private final List<LoadTarget> targets;
  private final LoadFiles warmUp;
  private final LoadFiles files;
  private final int rounds;
  private final PrintStream out;
  private final Map<LoadTarget, List<Double>> seconds = new LinkedHashMap<>();
  private final Map<LoadTarget, Long> bytes = new LinkedHashMap<>();

  /**
   * @param warmUp loaded once by all before the first round
   */
  LoadBench(
      List<LoadTarget> targets, LoadFiles warmUp, LoadFiles files, int rounds, PrintStream out) {
    this.targets = targets;
    this.warmUp = warmUp;
    this.files = files;
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws Exception {
    for (LoadTarget target : targets) {
      once(target, warmUp);
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < targets.size(); i++) {
        LoadTarget target = targets.get((i + round) % targets.size());
        seconds.computeIfAbsent(target, t -> new ArrayList<>()).add(once(target, files));
        bytes.put(target, target.storedBytes());
      }
    }
    print();
  }

  /** Seconds of one load, whose rows are then checked. */
  private double once(LoadTarget target, LoadFiles rows) throws Exception {
    target.prepare();
    long start = System.nanoTime();
    target.load(rows);
    double taken = (System.nanoTime() - start) / 1e9;
    String found = check(target);
    if (!found.equals(rows.digest())) {
      throw new IllegalStateException(
          target.name() + " has " + found + " instead of " + rows.digest());
    }
    return taken;
  }

  private static String check(LoadTarget target) throws Exception {
    try (Connection connection = target.connect()) {
      return digest(connection);
    }
  }

  /** Some sums over lineitem, as text. */
  static String digest(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(CHECK)) {
      rows.next();
      return rows.getLong(1)
          + ", "
          + rows.getBigDecimal(2).toPlainString()
          + ", "
          + rows.getBigDecimal(3).toBigInteger()
          + ", "
          + rows.getString(4);
    }
  }

  private void print() throws IOException {
    out.printf("| system | rows per second | seconds |%n|---|---|---|%n");
    for (LoadTarget target : targets) {
      double[] taken =
          seconds.getOrDefault(target, List.of()).stream()
              .mapToDouble(Double::doubleValue)
              .toArray();
      Sample sample = Sample.of(taken);
      out.printf(
          Locale.ROOT,
          "| %s | %,.0f | %s |%n",
          target.name(),
          files.rows() / sample.median(),
          sample.spread());
    }
    out.printf("%n| stored | bytes | bytes a row |%n|---|---|---|%n");
    for (LoadTarget target : targets) {
      row(target.name(), bytes.getOrDefault(target, 0L));
    }
    row("file: CSV", Files.size(files.csv()));
    if (Files.exists(files.arrow())) {
      row("file: Arrow", Files.size(files.arrow()));
    }
    row("file: Parquet with zstd, by DuckDB", Files.size(files.parquet()));
  }

  private void row(String what, long size) {
    out.printf(Locale.ROOT, "| %s | %,d | %.1f |%n", what, size, (double) size / files.rows());
  }
}

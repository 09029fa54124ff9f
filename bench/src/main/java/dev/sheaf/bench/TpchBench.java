package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchQueries;
import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchTable;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** The 22 TPC-H queries on Sheaf and on a peer, run by turns; all rows are fetched. */
final class TpchBench {
  /** Over all queries, before the first is timed: a JVM compiles what it runs often. */
  private static final int WARM_UP_PASSES = 3;

  private final Peer sheaf;
  private final Peer other;
  private final double scale;
  private final int runs;
  private final PrintStream out;

  TpchBench(Peer sheaf, Peer other, double scale, int runs, PrintStream out) {
    this.sheaf = sheaf;
    this.other = other;
    this.scale = scale;
    this.runs = runs;
    this.out = out;
  }

  void run() throws Exception {
    for (Peer peer : new Peer[] {sheaf, other}) {
      long rows = 0;
      long start = System.nanoTime();
      for (TpchTable<?> table : TpchSchema.tables()) {
        rows += peer.load(table, scale);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      out.printf(
          Locale.ROOT,
          "Load of %s: %,d rows in %.1f s, %,.0f rows/s (generation included)%n",
          peer.name(),
          rows,
          seconds,
          rows / seconds);
    }
    out.printf(
        "%n| query | %s ms | %s ms | ratio |%n|---|---|---|---|%n", sheaf.name(), other.name());
    double ratios = 0;
    double[] totals = new double[2];
    try (Connection a = sheaf.connect();
        Connection b = other.connect()) {
      for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
        for (int q = 1; q <= TpchQueries.COUNT; q++) {
          time(a, TpchQueries.text(q, scale));
          time(b, TpchQueries.text(q, scale));
        }
      }
      for (int q = 1; q <= TpchQueries.COUNT; q++) {
        String sql = TpchQueries.text(q, scale);
        Sample[] samples = measure(a, b, sql);
        double ratio = samples[0].median() / samples[1].median();
        ratios += Math.log(ratio);
        totals[0] += samples[0].median();
        totals[1] += samples[1].median();
        out.printf(
            Locale.ROOT,
            "| Q%d | %s | %s | %.2f |%n",
            q,
            samples[0].spread(),
            samples[1].spread(),
            ratio);
      }
    }
    out.printf(
        Locale.ROOT,
        "| sum of medians, geometric mean of ratios | %.0f | %.0f | %.2f |%n",
        totals[0],
        totals[1],
        Math.exp(ratios / TpchQueries.COUNT));
  }

  private Sample[] measure(Connection a, Connection b, String sql) throws SQLException {
    double[][] millis = new double[2][runs];
    for (int r = 0; r < runs; r++) {
      millis[0][r] = time(a, sql);
      millis[1][r] = time(b, sql);
    }
    return new Sample[] {Sample.of(millis[0]), Sample.of(millis[1])};
  }

  private static double time(Connection connection, String sql) throws SQLException {
    long start = System.nanoTime();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        rows.getObject(columns);
      }
    }
    return (System.nanoTime() - start) / 1e6;
  }
}

package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.TpchDemo;
import io.trino.tpch.TpchTable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A scan of lineitem when some of its rows were updated since it was loaded, by turns with one that
 * was left alone: at once, and when the updates were flushed and compacted.
 */
final class UpdatedScanBench {
  private static final int[] PERCENT = {0, 1, 10, 50};
  private static final long ORDERS_A_STATEMENT = 20_000;
  private static final long ORDER_KEYS_PER_SCALE = 6_000_000;
  private static final int WARM_UP_ROUNDS = 20;
  private static final long CALM_SECONDS = 30;
  private static final long PATIENCE_MINUTES = 20;
  private static final String QUERY =
      "SELECT sum(l_quantity), sum(l_extendedprice * (1 - l_discount)), max(l_shipdate), count(*)"
          + " FROM lineitem";

  private final SheafPeer server;
  private final double scale;
  private final int rounds;
  private final PrintStream out;

  UpdatedScanBench(SheafPeer server, double scale, int rounds, PrintStream out) {
    this.server = server;
    this.scale = scale;
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws Exception {
    for (int percent : PERCENT) {
      server.rest().createDatabase(name(percent));
      try (SqlClient client = server.client(name(percent));
          var silent =
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
        long unused = TpchDemo.load(client, TpchTable.LINE_ITEM, scale, silent);
        update(client, percent);
      }
    }
    out.printf("| rows updated | when | ms | times the clean table's |%n|---|---|---|---|%n");
    measure("at once");
    awaitCalm();
    measure("flushed and compacted");
  }

  private static String name(int percent) {
    return "updated" + percent;
  }

  private void update(SqlClient client, int percent) {
    long last = (long) (ORDER_KEYS_PER_SCALE * scale);
    for (long from = 0; percent > 0 && from <= last; from += ORDERS_A_STATEMENT) {
      client.execute(
          "UPDATE lineitem SET l_quantity = l_quantity + 1 WHERE l_orderkey %% 100 < %d AND l_orderkey >= %d AND l_orderkey < %d"
              .formatted(percent, from, from + ORDERS_A_STATEMENT),
          new RowTexts(new ArrayList<>()));
    }
  }

  private void measure(String when) {
    double[][] millis = new double[PERCENT.length][rounds];
    List<SqlClient> clients = new ArrayList<>();
    try {
      for (int percent : PERCENT) {
        clients.add(server.client(name(percent)));
      }
      for (int r = -WARM_UP_ROUNDS; r < rounds; r++) {
        for (int i = 0; i < PERCENT.length; i++) {
          long start = System.nanoTime();
          clients.get(i).execute(QUERY, new RowTexts(new ArrayList<>()));
          if (r >= 0) {
            millis[i][r] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
    } finally {
      clients.forEach(SqlClient::close);
    }
    double clean = Sample.of(millis[0]).median();
    for (int i = 0; i < PERCENT.length; i++) {
      Sample sample = Sample.of(millis[i]);
      out.printf(
          Locale.ROOT,
          "| %d %% | %s | %s | %.2f |%n",
          PERCENT[i],
          when,
          sample.spread(),
          sample.median() / clean);
    }
  }

  /** Nothing is in memory any more, and nothing was compacted for a while. */
  private void awaitCalm() throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
    double before = -1;
    while (true) {
      double compactions = server.metric("sheaf_compactions_total");
      if (server.metric("sheaf_memtables_used_bytes") == 0 && compactions == before) {
        return;
      }
      if (System.nanoTime() - giveUp > 0) {
        throw new IllegalStateException("the server does not come to rest");
      }
      before = compactions;
      TimeUnit.SECONDS.sleep(CALM_SECONDS);
    }
  }
}

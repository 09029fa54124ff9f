package dev.sheaf.bench;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Reads by primary key and single-row autocommitted inserts by 1, 8 and 64 connections, by turns.
 * Every way is warmed up by the same clients first: a JVM compiles what it runs often.
 */
final class PointBench {
  private static final int[] CLIENTS = {1, 8, 64};
  private static final int ROWS = 100_000;
  private static final int BATCH = 1_000;
  private static final String PAYLOAD = "x".repeat(100);

  private final List<PointClient.Way> ways;
  private final int seconds;
  private final int warmUpSeconds;
  private final PrintStream out;
  private final AtomicLong nextKey = new AtomicLong(ROWS);

  /**
   * @param ways to tables that are {@link #fill filled}
   */
  PointBench(List<PointClient.Way> ways, int seconds, int warmUpSeconds, PrintStream out) {
    this.ways = ways;
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
    this.out = out;
  }

  void run() throws Exception {
    out.printf(
        "| what | clients | system | ops/s | p50 ms | p99 ms |%n|---|---|---|---|---|---|%n");
    for (Operation operation : List.of(new Read(), new Insert())) {
      for (int clients : CLIENTS) {
        for (PointClient.Way way : ways) {
          int warmUp = clients == CLIENTS[0] ? warmUpSeconds : Math.max(1, seconds / 2);
          run(way, operation, clients, warmUp);
          Histogram latency = run(way, operation, clients, seconds);
          out.printf(
              Locale.ROOT,
              "| %s | %d | %s | %,.0f | %.2f | %.2f |%n",
              operation.name(),
              clients,
              way.name(),
              latency.getTotalCount() / (double) seconds,
              latency.getValueAtPercentile(50) / 1e6,
              latency.getValueAtPercentile(99) / 1e6);
        }
      }
    }
  }

  static void fill(Peer peer) throws SQLException {
    try (Connection connection = peer.connect();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE kv (id BIGINT PRIMARY KEY, payload VARCHAR NOT NULL)");
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO kv VALUES (?, ?)")) {
        for (long id = 0; id < ROWS; id++) {
          insert.setLong(1, id);
          insert.setString(2, PAYLOAD);
          insert.addBatch();
          if ((id + 1) % BATCH == 0) {
            insert.executeBatch();
          }
        }
      }
    }
  }

  private static Histogram run(
      PointClient.Way way, Operation operation, int clients, int forSeconds) throws Exception {
    List<PointClient> connected = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      for (int c = 0; c < clients; c++) {
        connected.add(way.connector().connect());
      }
      long end = System.nanoTime() + forSeconds * 1_000_000_000L;
      List<Future<Histogram>> running = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        int seed = c;
        running.add(threads.submit(() -> measure(connected.get(seed), operation, seed, end)));
      }
      Histogram all = new Histogram(3);
      for (Future<Histogram> one : running) {
        all.add(one.get());
      }
      return all;
    } finally {
      for (PointClient client : connected) {
        client.close();
      }
    }
  }

  private static Histogram measure(PointClient client, Operation operation, int seed, long end)
      throws Exception {
    Histogram latency = new Histogram(3);
    SplittableRandom random = new SplittableRandom(seed);
    for (long now = System.nanoTime(); now < end; ) {
      operation.run(client, random);
      long after = System.nanoTime();
      latency.recordValue(after - now);
      now = after;
    }
    return latency;
  }

  private interface Operation {
    String name();

    void run(PointClient client, SplittableRandom random) throws Exception;
  }

  private static final class Read implements Operation {
    @Override
    public String name() {
      return "read by key";
    }

    @Override
    public void run(PointClient client, SplittableRandom random) throws Exception {
      if (!client.read(random.nextInt(ROWS)).equals(PAYLOAD)) {
        throw new IllegalStateException("a row is wrong");
      }
    }
  }

  private final class Insert implements Operation {
    @Override
    public String name() {
      return "insert";
    }

    @Override
    public void run(PointClient client, SplittableRandom random) throws Exception {
      client.insert(nextKey.getAndIncrement(), PAYLOAD);
    }
  }
}

package dev.sheaf.bench;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
 * Reads by primary key and single-row autocommitted inserts, prepared, by 1, 8 and 64 connections,
 * by turns. Each system is warmed up by the same clients first: a JVM compiles what it runs often.
 */
final class PointBench {
  private static final int[] CLIENTS = {1, 8, 64};
  private static final int ROWS = 100_000;
  private static final int BATCH = 1_000;
  private static final String PAYLOAD = "x".repeat(100);

  private final Peer[] peers;
  private final int seconds;
  private final int warmUpSeconds;
  private final PrintStream out;
  private final AtomicLong nextKey = new AtomicLong(ROWS);

  PointBench(Peer[] peers, int seconds, int warmUpSeconds, PrintStream out) {
    this.peers = peers;
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
    this.out = out;
  }

  void run() throws Exception {
    for (Peer peer : peers) {
      fill(peer);
    }
    out.printf(
        "| what | clients | system | ops/s | p50 ms | p99 ms |%n|---|---|---|---|---|---|%n");
    for (Operation operation : List.of(new Read(), new Insert())) {
      for (int clients : CLIENTS) {
        for (Peer peer : peers) {
          run(peer, operation, clients, clients == 1 ? warmUpSeconds : Math.max(1, seconds / 2));
          Histogram latency = run(peer, operation, clients, seconds);
          out.printf(
              Locale.ROOT,
              "| %s | %d | %s | %,.0f | %.2f | %.2f |%n",
              operation.name(),
              clients,
              peer.name(),
              latency.getTotalCount() / (double) seconds,
              latency.getValueAtPercentile(50) / 1e6,
              latency.getValueAtPercentile(99) / 1e6);
        }
      }
    }
  }

  private static void fill(Peer peer) throws SQLException {
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

  private Histogram run(Peer peer, Operation operation, int clients, int forSeconds)
      throws Exception {
    long end = System.nanoTime() + forSeconds * 1_000_000_000L;
    List<Future<Histogram>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      for (int c = 0; c < clients; c++) {
        int seed = c;
        running.add(threads.submit(() -> client(peer, operation, seed, end)));
      }
      Histogram all = new Histogram(3);
      for (Future<Histogram> one : running) {
        all.add(one.get());
      }
      return all;
    }
  }

  private static Histogram client(Peer peer, Operation operation, int seed, long end)
      throws SQLException {
    Histogram latency = new Histogram(3);
    SplittableRandom random = new SplittableRandom(seed);
    try (Connection connection = peer.connect();
        PreparedStatement statement = connection.prepareStatement(operation.sql())) {
      for (long now = System.nanoTime(); now < end; ) {
        operation.run(statement, random);
        long after = System.nanoTime();
        latency.recordValue(after - now);
        now = after;
      }
    }
    return latency;
  }

  private interface Operation {
    String name();

    String sql();

    void run(PreparedStatement statement, SplittableRandom random) throws SQLException;
  }

  private static final class Read implements Operation {
    @Override
    public String name() {
      return "read by key";
    }

    @Override
    public String sql() {
      return "SELECT payload FROM kv WHERE id = ?";
    }

    @Override
    public void run(PreparedStatement statement, SplittableRandom random) throws SQLException {
      statement.setLong(1, random.nextInt(ROWS));
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next() || rows.getString(1).length() != PAYLOAD.length()) {
          throw new IllegalStateException("a row is missing or wrong");
        }
      }
    }
  }

  private final class Insert implements Operation {
    @Override
    public String name() {
      return "insert";
    }

    @Override
    public String sql() {
      return "INSERT INTO kv VALUES (?, ?)";
    }

    @Override
    public void run(PreparedStatement statement, SplittableRandom random) throws SQLException {
      statement.setLong(1, nextKey.getAndIncrement());
      statement.setString(2, PAYLOAD);
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException("the insert changed nothing");
      }
    }
  }
}

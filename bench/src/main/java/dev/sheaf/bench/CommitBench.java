package dev.sheaf.bench;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Single-row autocommitted INSERTs by 1, 8 and 64 connections. In each round the ways take turns
 * for each number of clients, another one first each time.
 */
final class CommitBench {
  private static final int[] CLIENTS = {1, 8, 64};
  private static final int MOST_CLIENTS = 64;
  private static final String PLAIN = "Sheaf, plain gRPC";
  private static final String POSTGRES = "PostgreSQL, JDBC";
  private static final String PAYLOAD = "x".repeat(100);

  private final SheafCluster sheaf;
  private final PostgresQuorum postgres;
  private final List<InsertClient.Way> ways = new ArrayList<>();
  private final PrintStream out;
  private final AtomicLong nextKey = new AtomicLong(1);
  private final Map<String, List<InsertClient>> connected = new LinkedHashMap<>();

  /** Rows that were acknowledged through Sheaf's ways. */
  private long acknowledged;

  /**
   * How much.
   *
   * @param rounds measurements of each setting
   * @param seconds of each measurement
   * @param warmUpSeconds of each way, before all
   */
  record CommitLoad(int rounds, int seconds, int warmUpSeconds) {}

  private record Setting(int clients, String way) {}

  /**
   * @param loopingClients also by those clients of Arrow that wait in a loop
   */
  CommitBench(
      SheafCluster sheaf,
      PostgresQuorum postgres,
      BufferAllocator allocator,
      boolean loopingClients,
      PrintStream out) {
    this.sheaf = sheaf;
    this.postgres = postgres;
    ways.add(new InsertClient.Way(PLAIN, () -> sheaf.plainClient(allocator)));
    if (loopingClients) {
      ways.add(new InsertClient.Way("Sheaf, Arrow's client", () -> sheaf.arrowClient(allocator)));
      ways.add(
          new InsertClient.Way("Sheaf, JDBC driver", () -> new JdbcInsertClient(sheaf.connect())));
    }
    ways.add(new InsertClient.Way(POSTGRES, () -> new JdbcInsertClient(postgres.connect())));
    this.out = out;
  }

  void run(CommitLoad load) throws Exception {
    create(sheaf.connect());
    create(postgres.connect());
    Map<Setting, Measured> all = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(MOST_CLIENTS)) {
      for (InsertClient.Way way : ways) {
        warmUp(threads, way, load.warmUpSeconds());
      }
      for (int round = 0; round < load.rounds(); round++) {
        List<InsertClient.Way> turn = new ArrayList<>(ways);
        Collections.rotate(turn, -round);
        for (int c : CLIENTS) {
          for (InsertClient.Way way : turn) {
            long begun = System.nanoTime();
            Histogram latency = insert(threads, way, c, load.seconds());
            all.computeIfAbsent(new Setting(c, way.name()), s -> new Measured())
                .add(latency, System.nanoTime() - begun);
          }
        }
      }
      print(all);
      EnginePart part = EnginePart.begin(sheaf);
      Histogram latency = insert(threads, ways.getFirst(), 1, load.seconds());
      part.print(sheaf, latency.getMean() / 1e3, out);
      checkNothingLost();
    } finally {
      for (List<InsertClient> clients : connected.values()) {
        for (InsertClient client : clients) {
          client.close();
        }
      }
    }
  }

  private static void create(Connection connection) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE kv (id BIGINT PRIMARY KEY, payload VARCHAR NOT NULL)");
    }
  }

  /** With few clients and with many: the JVMs compile both ways of going, faster with many. */
  private void warmUp(ExecutorService threads, InsertClient.Way way, int seconds) throws Exception {
    var clients = new ArrayList<InsertClient>();
    connected.put(way.name(), clients);
    for (int c = 0; c < MOST_CLIENTS; c++) {
      clients.add(way.connector().connect());
    }
    double all = IntStream.of(CLIENTS).sum();
    for (int c : CLIENTS) {
      Histogram unused = insert(threads, way, c, seconds * c / all);
    }
  }

  private void checkNothingLost() throws SQLException {
    try (Connection connection = sheaf.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM kv")) {
      rows.next();
      if (rows.getLong(1) != acknowledged) {
        throw new IllegalStateException(
            acknowledged + " rows were acknowledged, there are " + rows.getLong(1));
      }
    }
  }

  private void print(Map<Setting, Measured> all) {
    out.printf("| clients | system | %s |%n|---|---|---|---|---|%n", Measured.columns());
    for (int c : CLIENTS) {
      for (InsertClient.Way way : ways) {
        Measured measured = all.get(new Setting(c, way.name()));
        if (measured != null) {
          out.printf("| %d | %s | %s |%n", c, way.name(), measured.cells());
        }
      }
    }
  }

  private Histogram insert(
      ExecutorService threads, InsertClient.Way way, int clients, double seconds) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    List<Future<Histogram>> running = new ArrayList<>();
    for (InsertClient client : connected.getOrDefault(way.name(), List.of()).subList(0, clients)) {
      running.add(threads.submit(() -> insert(client, end)));
    }
    Histogram all = new Histogram(3);
    for (Future<Histogram> one : running) {
      all.add(one.get());
    }
    if (!way.name().equals(POSTGRES)) {
      acknowledged += all.getTotalCount();
    }
    return all;
  }

  private Histogram insert(InsertClient client, long end) throws Exception {
    Histogram latency = new Histogram(3);
    for (long now = System.nanoTime(); now < end; ) {
      client.insert(nextKey.getAndIncrement(), PAYLOAD);
      long after = System.nanoTime();
      latency.recordValue(after - now);
      now = after;
    }
    return latency;
  }
}

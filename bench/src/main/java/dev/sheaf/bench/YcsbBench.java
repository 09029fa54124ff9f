package dev.sheaf.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The workloads A, B, C and E of YCSB: Cooper et al., "Benchmarking Cloud Serving Systems with
 * YCSB". Keys are drawn as it draws them, systems take turns for each setting.
 */
final class YcsbBench {
  private static final int[] CLIENTS = {1, 16, 64};
  private static final int MAX_SCAN = 100;
  private static final int PERCENT = 100;

  /**
   * A system, loaded.
   *
   * @param storage null = it does not say
   */
  record System(String name, Connector connector, @Nullable StorageTimes storage) {}

  /** Seconds that the system's storage has taken for reads and commits so far. */
  @FunctionalInterface
  interface StorageTimes {
    double seconds() throws Exception;
  }

  @FunctionalInterface
  interface Connector {
    YcsbClient connect() throws Exception;
  }

  /**
   * @param workloads in their order
   * @param seconds of one measurement
   * @param warmUpSeconds of each workload before the first
   */
  record Load(List<Workload> workloads, long rows, int rounds, int seconds, int warmUpSeconds) {}

  private enum Operation {
    READ,
    UPDATE,
    SCAN,
    INSERT
  }

  /** The most frequent operation and what the rest is. */
  enum Workload {
    A(Operation.READ, 50, Operation.UPDATE),
    B(Operation.READ, 95, Operation.UPDATE),
    C(Operation.READ, 100, Operation.READ),
    E(Operation.SCAN, 95, Operation.INSERT);

    private final Operation most;
    private final int percent;
    private final Operation rest;

    Workload(Operation most, int percent, Operation rest) {
      this.most = most;
      this.percent = percent;
      this.rest = rest;
    }
  }

  /** What one run measured, by operation. */
  private static final class Latencies extends EnumMap<Operation, Histogram> {
    private static final long serialVersionUID = 1L;

    Latencies() {
      super(Operation.class);
    }

    void record(Operation operation, long nanos) {
      computeIfAbsent(operation, o -> new Histogram(3)).recordValue(nanos);
    }

    void add(Latencies other) {
      other.forEach((operation, one) -> computeIfAbsent(operation, o -> new Histogram(3)).add(one));
    }
  }

  private final List<System> systems;
  private final Load load;
  private final Zipf keys;
  private final AtomicLong nextKey;
  private final List<String> shares = new ArrayList<>();
  private final PrintStream out;

  YcsbBench(List<System> systems, Load load, PrintStream out) {
    this.systems = systems;
    this.load = load;
    this.keys = new Zipf(load.rows());
    this.nextKey = new AtomicLong(load.rows());
    this.out = out;
  }

  void run() throws Exception {
    out.printf(
        "| workload | clients | system | operation | %s |%n|---|---|---|---|---|---|---|%n",
        Measured.columns());
    for (System system : systems) {
      cold(system);
    }
    for (Workload workload : load.workloads()) {
      for (System system : systems) {
        Latencies unused = run(system, workload, CLIENTS[1], load.warmUpSeconds());
      }
      for (int clients : CLIENTS) {
        Map<String, Map<Operation, Measured>> measured = new java.util.LinkedHashMap<>();
        for (int round = 0; round < load.rounds(); round++) {
          for (System system : systems) {
            Map<Operation, Measured> of =
                measured.computeIfAbsent(system.name(), s -> new EnumMap<>(Operation.class));
            StorageTimes storage = system.storage();
            double before = storage == null ? 0 : storage.seconds();
            Latencies latencies = run(system, workload, clients, load.seconds());
            if (storage != null) {
              share(workload, clients, system, storage.seconds() - before, latencies);
            }
            latencies.forEach((operation, latency) ->
                of.computeIfAbsent(operation, o -> new Measured())
                    .add(latency, load.seconds() * 1_000_000_000L));
          }
        }
        print(workload, clients, measured);
      }
    }
    out.printf(
        "%n| workload | clients | system | storage's us an operation | of the clients' time |%n"
            + "|---|---|---|---|---|%n");
    shares.forEach(out::println);
  }

  /** The first reads of a server that has just been started. */
  private void cold(System system) throws Exception {
    Latencies latencies = run(system, Workload.C, CLIENTS[1], load.seconds());
    var measured = new Measured();
    measured.add(
        Objects.requireNonNull(latencies.get(Operation.READ)), load.seconds() * 1_000_000_000L);
    out.printf("| C, cold | %d | %s | read | %s |%n", CLIENTS[1], system.name(), measured.cells());
  }

  private void print(
      Workload workload, int clients, Map<String, Map<Operation, Measured>> measured) {
    measured.forEach((system, operations) ->
        operations.forEach((operation, one) ->
            out.printf(
                "| %s | %d | %s | %s | %s |%n",
                workload,
                clients,
                system,
                operation.name().toLowerCase(Locale.ROOT),
                one.cells())));
  }

  private void share(
      Workload workload, int clients, System system, double seconds, Latencies latencies) {
    long operations = latencies.values().stream().mapToLong(Histogram::getTotalCount).sum();
    shares.add(
        String.format(
            Locale.ROOT,
            "| %s | %d | %s | %,.0f | %.0f %% |",
            workload,
            clients,
            system.name(),
            seconds * 1e6 / operations,
            seconds * PERCENT / (clients * (double) load.seconds())));
  }

  private Latencies run(System system, Workload workload, int clients, int seconds)
      throws Exception {
    List<YcsbClient> connected = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      for (int c = 0; c < clients; c++) {
        connected.add(system.connector().connect());
      }
      long end = java.lang.System.nanoTime() + seconds * 1_000_000_000L;
      List<Future<Latencies>> running = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        int seed = c;
        running.add(threads.submit(() -> measure(connected.get(seed), workload, seed, end)));
      }
      var all = new Latencies();
      for (Future<Latencies> one : running) {
        all.add(one.get());
      }
      return all;
    } finally {
      for (YcsbClient client : connected) {
        client.close();
      }
    }
  }

  private Latencies measure(YcsbClient client, Workload workload, int seed, long end)
      throws Exception {
    var latencies = new Latencies();
    var random = new SplittableRandom(seed);
    for (long now = java.lang.System.nanoTime(); now < end; ) {
      Operation operation =
          random.nextInt(PERCENT) < workload.percent ? workload.most : workload.rest;
      operate(client, operation, random);
      long after = java.lang.System.nanoTime();
      latencies.record(operation, after - now);
      now = after;
    }
    return latencies;
  }

  private void operate(YcsbClient client, Operation operation, SplittableRandom random)
      throws Exception {
    long done =
        switch (operation) {
          case READ -> client.read(keys.next(random));
          case UPDATE ->
              client.update(
                  random.nextInt(YcsbClient.FIELDS), YcsbRows.field(random), keys.next(random));
          case SCAN -> client.scan(keys.next(random), 1 + random.nextInt(MAX_SCAN));
          case INSERT -> client.insert(nextKey.getAndIncrement(), YcsbRows.fields(random));
        };
    if (done < 1) {
      throw new IllegalStateException(operation + " of a row that is not there");
    }
  }
}

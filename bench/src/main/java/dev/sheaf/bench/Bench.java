package dev.sheaf.bench;

import dev.sheaf.cli.client.SqlClient;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./sheaf bench}: prints Markdown, as docs/benchmarks.md shows it. */
@Command(
    name = "sheaf bench",
    description = "Measure Sheaf beside its peers on this machine.",
    mixinStandardHelpOptions = true)
public final class Bench {
  private static final String FOLDER =
      "Where the servers keep their data: on the disk to be measured. Emptied afterwards.";

  private final PrintStream out = System.out;

  private Bench() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Command(
      name = "tpch",
      description = "The 22 queries beside DuckDB.",
      mixinStandardHelpOptions = true)
  int tpch(
      @Option(names = "--scale", defaultValue = "0.1") double scale,
      @Option(names = "--runs", defaultValue = "5") int runs,
      @Option(names = "--memory", defaultValue = "4g") String memory)
      throws Exception {
    try (Peer sheaf = new SheafPeer(memory);
        Peer duckdb = new DuckDbPeer()) {
      new TpchBench(sheaf, duckdb, scale, runs, out).run();
    }
    return 0;
  }

  @Command(
      name = "point",
      description = "Reads by key and inserts beside PostgreSQL, with 1, 8 and 64 clients.",
      mixinStandardHelpOptions = true)
  int point(
      @Option(names = "--seconds", defaultValue = "6") int seconds,
      @Option(
              names = "--warm-up",
              description = "Seconds before the first measurement of each operation.",
              defaultValue = "30")
          int warmUp)
      throws Exception {
    try (SheafPeer sheaf = new SheafPeer("2g");
        Peer postgres = new PostgresPeer();
        var allocator = new RootAllocator()) {
      PointBench.fill(sheaf);
      PointBench.fill(postgres);
      var ways =
          List.of(
              new PointClient.Way("Sheaf, JDBC", () -> new JdbcPointClient(sheaf.connect())),
              new PointClient.Way("Sheaf, Flight SQL", () -> sheaf.pointClient(allocator)),
              new PointClient.Way(
                  "PostgreSQL, JDBC", () -> new JdbcPointClient(postgres.connect())));
      new PointBench(ways, seconds, warmUp, out).run();
    }
    return 0;
  }

  @Command(
      name = "log",
      description = "Durable appends of the log beside the disk's own limit, BookKeeper and etcd.",
      mixinStandardHelpOptions = true)
  int log(
      @Option(names = "--rounds", defaultValue = "3") int rounds,
      @Option(names = "--seconds", defaultValue = "2") double seconds,
      @Option(
              names = "--warm-up",
              description = "Seconds for each system before the first measurement.",
              defaultValue = "60")
          int warmUp,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    var targets = new ArrayList<LogTarget>();
    try (Scratch scratch = Scratch.in(folder)) {
      try {
        targets.add(new LogFloor(scratch.folder()));
        targets.add(new SheafLogTarget(scratch.folder()));
        Path bookKeeper = Path.of(home()).resolve("bench/peers/bookkeeper/target");
        if (BookKeeperLogTarget.isThere(bookKeeper)) {
          targets.add(new BookKeeperLogTarget(bookKeeper, scratch.folder()));
        } else {
          System.err.println("BookKeeper is left out: it was not built in " + bookKeeper);
        }
        if (EtcdLogTarget.isThere()) {
          targets.add(new EtcdLogTarget(scratch.folder()));
        } else {
          System.err.println("etcd is left out: there is none on the PATH");
        }
        new LogBench(targets, new LogBench.LogLoad(rounds, seconds, warmUp), out).run();
      } finally {
        for (LogTarget target : targets) {
          target.close();
        }
      }
    }
    return 0;
  }

  private static String home() {
    String home = System.getenv("SHEAF_HOME");
    return home == null ? "." : home;
  }

  @Command(
      name = "commit",
      description = "Commits on a cluster beside PostgreSQL with quorum replication.",
      mixinStandardHelpOptions = true)
  int commit(
      @Option(names = "--rounds", defaultValue = "3") int rounds,
      @Option(names = "--seconds", defaultValue = "3") int seconds,
      @Option(
              names = "--warm-up",
              description = "Seconds for each way to connect before the first measurement.",
              defaultValue = "150")
          int warmUp,
      @Option(
              names = "--looping-clients",
              description = "Also by Arrow's client and the JDBC driver, which wait in a loop.")
          boolean loopingClients,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    try (Scratch scratch = Scratch.in(folder);
        var allocator = new RootAllocator();
        var sheaf = new SheafCluster(scratch.folder().resolve("sheaf"));
        var postgres = new PostgresQuorum(scratch.folder().resolve("postgres"))) {
      new CommitBench(sheaf, postgres, allocator, loopingClients, out)
          .run(new CommitBench.CommitLoad(rounds, seconds, warmUp));
    }
    return 0;
  }

  @Command(
      name = "oracle",
      description = "Timestamps of the oracle, and the gap when its owner is killed.",
      mixinStandardHelpOptions = true)
  int oracle(
      @Option(names = "--rounds", defaultValue = "3") int rounds,
      @Option(names = "--seconds", defaultValue = "2") int seconds,
      @Option(names = "--kills", defaultValue = "5") int kills,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    try (Scratch scratch = Scratch.in(folder);
        var sheaf = new SheafCluster(scratch.folder().resolve("sheaf"))) {
      new OracleBench(rounds, seconds, kills, out).run(sheaf);
    }
    return 0;
  }

  @Command(
      name = "segments",
      description = "lineitem in segments: size, decoding, scans and lookups over a distant store.",
      mixinStandardHelpOptions = true)
  int segments(
      @Option(names = "--scale", defaultValue = "0.1") double scale,
      @Option(names = "--rounds", defaultValue = "5") int rounds,
      @Option(
              names = "--first-byte",
              description = "Milliseconds until a request of the store begins to answer.",
              defaultValue = "20")
          double firstByteMillis,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    try (Scratch scratch = Scratch.in(folder);
        var allocator = new RootAllocator();
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      LineItems items = LineItems.generate(scale, allocator);
      new SegmentBench(items, scratch.folder(), firstByteMillis, rounds, background, out).run();
    }
    return 0;
  }

  @Command(
      name = "ycsb",
      description = "YCSB A, B, C and E beside PostgreSQL, with 1, 16 and 64 clients.",
      mixinStandardHelpOptions = true)
  int ycsb(
      @Option(names = "--workloads", split = ",", defaultValue = "A,B,C,E")
          List<YcsbBench.Workload> workloads,
      @Option(names = "--rows", defaultValue = "100000") long rows,
      @Option(names = "--rounds", defaultValue = "3") int rounds,
      @Option(names = "--seconds", defaultValue = "4") int seconds,
      @Option(names = "--warm-up", defaultValue = "20") int warmUp,
      @Option(names = "--memory", description = "Heap of Sheaf.", defaultValue = "2g")
          String memory,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    var load = new YcsbBench.Load(workloads, rows, rounds, seconds, warmUp);
    try (Scratch scratch = Scratch.in(folder)) {
      new YcsbRun(scratch.folder(), memory, load, out).run();
    }
    return 0;
  }

  @Command(
      name = "updated",
      description = "Scans of a table of which 1, 10 and 50 % were updated since it was loaded.",
      mixinStandardHelpOptions = true)
  int updated(
      @Option(names = "--scale", defaultValue = "0.2") double scale,
      @Option(names = "--rounds", defaultValue = "15") int rounds)
      throws Exception {
    try (var sheaf = new SheafPeer("3g")) {
      new UpdatedScanBench(sheaf, scale, rounds, out).run();
    }
    return 0;
  }

  @Command(
      name = "idle",
      description = "Many databases that nobody uses: memory, requests, processor.",
      mixinStandardHelpOptions = true)
  int idle(
      @Option(names = "--databases", defaultValue = "10000") int databases,
      @Option(names = "--minutes", defaultValue = "10") int minutes)
      throws Exception {
    var room = List.of("sheaf.max-databases=" + (databases + 1));
    try (var sheaf = new SheafPeer("2g", SheafPeer.Start.FROM_CACHE, room)) {
      new IdleBench(sheaf, databases, minutes, out).run();
    }
    return 0;
  }

  @Command(
      name = "churn",
      description = "Random updates for long: what they make the store write, keep and slow down.",
      mixinStandardHelpOptions = true)
  int churn(
      @Option(names = "--rows", defaultValue = "500000") long rows,
      @Option(names = "--clients", defaultValue = "4") int clients,
      @Option(names = "--minutes", defaultValue = "30") int minutes,
      @Option(names = "--every", description = "Minutes of a line.", defaultValue = "2") int every,
      @Option(names = "--memory", description = "Heap of Sheaf.", defaultValue = "2g")
          String memory,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    try (Scratch scratch = Scratch.in(folder);
        var sheaf = new SheafPeer(memory, scratch.folder(), ChurnBench.SETTINGS);
        var allocator = new RootAllocator()) {
      try (SqlClient client = sheaf.client()) {
        YcsbRows.load(client, rows);
      }
      new ChurnBench(
              sheaf,
              scratch.folder().resolve("objects"),
              () -> new GrpcYcsbClient(sheaf.grpcClient(allocator)),
              new ChurnBench.Load(rows, clients, minutes, every),
              out)
          .run();
    }
    return 0;
  }

  @Command(
      name = "branches",
      description = "How long a branch takes: of an empty database, of a large one, of many.",
      mixinStandardHelpOptions = true)
  int branches(
      @Option(names = "--rows", description = "A kilobyte each.", defaultValue = "10000000")
          long rows,
      @Option(names = "--branches", defaultValue = "1000") int branches,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    var room = List.of("sheaf.max-databases=" + (branches + 100));
    try (Scratch scratch = Scratch.in(folder);
        var sheaf = new SheafPeer("2g", scratch.folder(), room)) {
      new BranchBench(sheaf, rows, branches, out).run();
    }
    return 0;
  }

  @Command(
      name = "load",
      description = "lineitem into Sheaf, DuckDB and PostgreSQL; bytes stored beside Parquet.",
      mixinStandardHelpOptions = true)
  int load(
      @Option(names = "--scale", defaultValue = "1") double scale,
      @Option(names = "--rounds", defaultValue = "3") int rounds,
      @Option(names = "--memory", description = "Heap of Sheaf.", defaultValue = "2g")
          String memory,
      @Option(
              names = "--only",
              description = "Only systems and ways whose name contains this.",
              defaultValue = "")
          String only,
      @Option(names = "--shuffled", description = "Rows in no order of the key; only from CSV.")
          boolean shuffled,
      @Option(names = "--folder", description = FOLDER) Path folder)
      throws Exception {
    var targets = new ArrayList<LoadTarget>();
    try (Scratch scratch = Scratch.in(folder);
        var allocator = new RootAllocator()) {
      Path data = scratch.folder().resolve("sheaf");
      try (var sheaf = new SheafPeer(memory, data, List.of())) {
        try {
          for (SheafLoad.Way way : SheafLoad.Way.values()) {
            targets.add(new SheafLoad(sheaf, data, way));
          }
          for (DuckDbLoad.Way way : DuckDbLoad.Way.values()) {
            targets.add(new DuckDbLoad(scratch.folder(), way));
          }
          targets.add(new PostgresLoad());
          Path imports = SheafLoad.importFolder(data);
          var warmUp = LoadFiles.write(imports.resolve("warm-up"), scale / 10, shuffled, allocator);
          var files = LoadFiles.write(imports.resolve("all"), scale, shuffled, allocator);
          var chosen =
              targets.stream()
                  .filter(t -> t.name().contains(only) && (!shuffled || t.name().endsWith("CSV")))
                  .toList();
          new LoadBench(chosen, warmUp, files, rounds, out).run();
        } finally {
          for (LoadTarget target : targets) {
            target.close();
          }
        }
      }
    }
    return 0;
  }

  @Command(
      name = "start",
      description = "Start-up time, first calls and memory, with and without the AOT cache.",
      mixinStandardHelpOptions = true)
  int start(@Option(names = "--runs", defaultValue = "5") int runs) throws Exception {
    new StartBench(runs, out).run();
    return 0;
  }
}

package dev.sheaf.bench;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
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
      description = "Durable appends of the log beside the disk's own limit and etcd.",
      mixinStandardHelpOptions = true)
  int log(
      @Option(names = "--seconds", defaultValue = "5") int seconds,
      @Option(
              names = "--folder",
              description = "Where journals go: on the disk to be measured. Emptied afterwards.")
          Path folder)
      throws Exception {
    Path parent = folder == null ? Path.of("bench", "target") : folder;
    Path scratch = Files.createTempDirectory(Files.createDirectories(parent), "log-");
    var targets = new ArrayList<LogTarget>();
    try {
      targets.add(new LogFloor(scratch));
      targets.add(new SheafLogTarget(scratch));
      if (EtcdLogTarget.isThere()) {
        targets.add(new EtcdLogTarget(scratch));
      }
      new LogBench(targets, seconds, out).run();
    } finally {
      for (LogTarget target : targets) {
        target.close();
      }
      try (Stream<Path> files = Files.walk(scratch)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
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

package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * A server's first seconds, with its AOT cache and without one, by turns: until it is ready, until
 * its first answer, its first thousand reads by key, and its memory then. The client is warm: it
 * has done all of it with a server before.
 */
final class StartBench {
  private static final int ROWS = 1_000;
  private static final int FIRST_READS = 100;
  private static final String PAYLOAD = "x".repeat(100);

  private final int runs;
  private final PrintStream out;

  StartBench(int runs, PrintStream out) {
    this.runs = runs;
    this.out = out;
  }

  /** Milliseconds and megabytes, by what they are of. */
  private static final class Measured extends LinkedHashMap<String, Double> {
    private static final long serialVersionUID = 1L;
  }

  void run() throws Exception {
    Map<SheafPeer.Start, List<Measured>> all = new EnumMap<>(SheafPeer.Start.class);
    try (BufferAllocator allocator = new RootAllocator()) {
      once(SheafPeer.Start.FROM_CACHE, allocator);
      for (int r = 0; r < runs; r++) {
        for (SheafPeer.Start start : SheafPeer.Start.values()) {
          all.computeIfAbsent(start, s -> new ArrayList<>()).add(once(start, allocator));
        }
      }
    }
    List<Measured> cached = all.getOrDefault(SheafPeer.Start.FROM_CACHE, List.of());
    List<Measured> plain = all.getOrDefault(SheafPeer.Start.PLAIN, List.of());
    out.printf(
        "| median [min-max] of %d starts | with AOT cache | without |%n|---|---|---|%n", runs);
    for (String what : cached.getFirst().keySet()) {
      out.printf("| %s | %s | %s |%n", what, spread(cached, what), spread(plain, what));
    }
  }

  private static String spread(List<Measured> runs, String what) {
    return Sample.of(runs.stream().mapToDouble(m -> m.getOrDefault(what, Double.NaN)).toArray())
        .spread();
  }

  private static Measured once(SheafPeer.Start how, BufferAllocator allocator) throws Exception {
    var measured = new Measured();
    long start = System.nanoTime();
    try (SheafPeer server = new SheafPeer("2g", how)) {
      measured.put("process start to ready and a database created, ms", millisSince(start));
      try (SqlClient client = server.client()) {
        client.execute("SELECT 1", new RowTexts(new ArrayList<>()));
      }
      measured.put("process start to the first SELECT answered, ms", millisSince(start));
      create(server);
      try (PointClient client = server.pointClient(allocator)) {
        for (int id = 0; id < ROWS; id++) {
          client.insert(id, PAYLOAD);
        }
        double[] reads = new double[ROWS];
        for (int id = 0; id < ROWS; id++) {
          long before = System.nanoTime();
          client.read(id);
          reads[id] = millisSince(before);
        }
        measured.put("first read by key, ms", reads[0]);
        measured.put("reads 2 to " + FIRST_READS + ", mean ms", mean(reads, 1, FIRST_READS));
        measured.put(
            "reads " + (FIRST_READS + 1) + " to " + ROWS + ", mean ms",
            mean(reads, FIRST_READS, ROWS));
      }
      measured.put("resident memory then, MB", residentMegabytes(server.pid()));
    }
    return measured;
  }

  private static void create(SheafPeer server) {
    try (SqlClient client = server.client()) {
      client.execute(
          "CREATE TABLE kv (id BIGINT PRIMARY KEY, payload VARCHAR NOT NULL)",
          new RowTexts(new ArrayList<>()));
    }
  }

  private static double mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum / (to - from);
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private static double residentMegabytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return Double.NaN;
  }
}

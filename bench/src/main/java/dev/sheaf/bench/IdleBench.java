package dev.sheaf.bench;

import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many databases, each with a table and a row, that nobody uses: the heap that one takes, and what
 * all of them ask of the object store and the processor.
 */
final class IdleBench {
  private static final int CLIENTS = 4;
  private static final long FLUSH_MINUTES = 15;
  private static final long CALM_SECONDS = 15;
  private static final int TICKS_PER_SECOND = 100;

  private final SheafPeer server;
  private final int databases;
  private final int minutes;
  private final PrintStream out;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * @param minutes for which nobody does anything
   */
  IdleBench(SheafPeer server, int databases, int minutes, PrintStream out) {
    this.server = server;
    this.databases = databases;
    this.minutes = minutes;
    this.out = out;
  }

  void run() throws Exception {
    use("bench");
    double before = liveHeapBytes();
    long start = System.nanoTime();
    createAll();
    double seconds = (System.nanoTime() - start) / 1e9;
    double used = liveHeapBytes();
    awaitFlush();
    double flushed = liveHeapBytes();
    double cached = server.metric("sheaf_block_cache_used_bytes");
    double calls = server.metric("sheaf_objects_seconds_count");
    double processor = processorSeconds();
    TimeUnit.MINUTES.sleep(minutes);
    out.printf("| %,d databases | |%n|---|---|%n", databases);
    row("created, a table and a row each, ms for one by %d clients", CLIENTS, seconds * 1e3);
    row("heap of one with its row in memory, KiB", 0, (used - before) / 1024);
    row("heap of one five minutes later, flushed, KiB", 0, (flushed - before) / 1024);
    row("of it in the page cache, which is bounded for all together, KiB", 0, cached / 1024);
    double asked = server.metric("sheaf_objects_seconds_count") - calls;
    out.printf("| requests to the object store in %d minutes, of all | %.0f |%n", minutes, asked);
    out.printf(
        Locale.ROOT,
        "| processor in these minutes, of all | %.2f %% of a core |%n",
        (processorSeconds() - processor) / (minutes * 60.0) * 100);
  }

  private void row(String what, int argument, double ofAll) {
    out.printf(
        Locale.ROOT,
        "| %s | %.1f |%n",
        String.format(Locale.ROOT, what, argument),
        ofAll / databases);
  }

  private void createAll() throws Exception {
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      for (int c = 0; c < CLIENTS; c++) {
        running.add(threads.submit(this::createSome));
      }
    }
    for (Future<?> one : running) {
      one.get();
    }
  }

  private void createSome() {
    RestClient rest = server.rest();
    for (int i = next.getAndIncrement(); i < databases; i = next.getAndIncrement()) {
      rest.createDatabase("idle" + i);
      use("idle" + i);
    }
  }

  private void use(String database) {
    try (SqlClient client = server.client(database)) {
      var unused = new RowTexts(new ArrayList<>());
      client.execute("CREATE TABLE t (id BIGINT PRIMARY KEY, payload VARCHAR)", unused);
      client.execute("INSERT INTO t VALUES (1, 'one')", unused);
    }
  }

  /** Nothing is in memory only, and what follows a flush is done. */
  private void awaitFlush() throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.MINUTES.toNanos(FLUSH_MINUTES);
    double before = -1;
    while (true) {
      double requests = server.metric("sheaf_objects_seconds_count");
      if (server.metric("sheaf_memtables_used_bytes") == 0 && requests == before) {
        return;
      }
      if (System.nanoTime() - giveUp > 0) {
        throw new IllegalStateException("the server does not come to rest");
      }
      before = requests;
      TimeUnit.SECONDS.sleep(CALM_SECONDS);
    }
  }

  /** What is left after a full collection. */
  private double liveHeapBytes() throws IOException, InterruptedException {
    Process histogram =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(server.pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (histogram.waitFor() != 0) {
      throw new IOException(text);
    }
    String total = text.strip().lines().reduce((a, b) -> b).orElseThrow();
    return Double.parseDouble(total.strip().split("\\s+")[2]);
  }

  /** User and system time of the server since its start. */
  private double processorSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + server.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_PER_SECOND;
  }
}

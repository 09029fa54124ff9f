package dev.sheaf.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Random updates for a long time: what the store writes for them, how it grows, and what reads and
 * memory feel of it. The history that can be read is a minute, so that the growth is the store's
 * own.
 */
final class ChurnBench {
  /** Of a server for this benchmark. */
  static final List<String> SETTINGS = List.of("sheaf.retention=1m");

  private static final long READ_PAUSE_MILLIS = 2;
  private static final double MIB = 1 << 20;

  /**
   * @param clients that update
   * @param minutes in all
   * @param every minutes from one line to the next
   */
  record Load(long rows, int clients, int minutes, int every) {}

  private final SheafPeer server;
  private final Path objects;
  private final YcsbBench.Connector connector;
  private final Load load;
  private final PrintStream out;
  private final AtomicBoolean done = new AtomicBoolean();
  private final LongAdder updates = new LongAdder();
  private final Recorder reads = new Recorder(3);

  /**
   * @param objects the folder of the server's objects
   * @param connector to the table of {@link YcsbRows}, loaded
   */
  ChurnBench(
      SheafPeer server, Path objects, YcsbBench.Connector connector, Load load, PrintStream out) {
    this.server = server;
    this.objects = objects;
    this.connector = connector;
    this.load = load;
    this.out = out;
  }

  void run() throws Exception {
    double loaded = server.metric("sheaf_store_used_bytes");
    double flushedBefore = server.metric("sheaf_store_flushed_bytes_total");
    double writtenBefore = server.metric("sheaf_compaction_written_bytes_total");
    out.printf(
        "%,d rows, %.0f MiB when loaded, %d clients update%n%n",
        load.rows(), loaded / MIB, load.clients());
    out.println(
        "| minute | updates/s | read p50 us | read p99 us | resident MiB | written / flushed | stored / loaded | objects MiB |");
    out.println("|---|---|---|---|---|---|---|---|");
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(load.clients() + 1)) {
      for (int c = 0; c < load.clients(); c++) {
        int seed = c;
        running.add(threads.submit(() -> update(seed)));
      }
      running.add(threads.submit(this::read));
      try {
        for (int minute = load.every(); minute <= load.minutes(); minute += load.every()) {
          long before = updates.sum();
          TimeUnit.MINUTES.sleep(load.every());
          failEarly(running);
          double flushed = server.metric("sheaf_store_flushed_bytes_total") - flushedBefore;
          double written = server.metric("sheaf_compaction_written_bytes_total") - writtenBefore;
          print(
              minute,
              (updates.sum() - before) / (load.every() * 60.0),
              flushed == 0 ? 0 : (flushed + written) / flushed,
              server.metric("sheaf_store_used_bytes") / loaded);
        }
      } finally {
        done.set(true);
      }
    }
    failEarly(running);
  }

  private void print(int minute, double perSecond, double amplification, double growth)
      throws IOException {
    Histogram latency = reads.getIntervalHistogram();
    out.printf(
        Locale.ROOT,
        "| %d | %.0f | %.0f | %.0f | %.0f | %.2f | %.2f | %.0f |%n",
        minute,
        perSecond,
        latency.getValueAtPercentile(50) / 1e3,
        latency.getValueAtPercentile(99) / 1e3,
        residentBytes() / MIB,
        amplification,
        growth,
        storedBytes() / MIB);
  }

  private static void failEarly(List<Future<?>> running) throws Exception {
    for (Future<?> one : running) {
      if (one.isDone()) {
        one.get();
      }
    }
  }

  private Void update(int seed) throws Exception {
    var random = new SplittableRandom(seed);
    try (YcsbClient client = connector.connect()) {
      while (!done.get()) {
        long changed =
            client.update(
                random.nextInt(YcsbClient.FIELDS),
                YcsbRows.field(random),
                random.nextLong(load.rows()));
        if (changed != 1) {
          throw new IllegalStateException("an update of a row that is not there");
        }
        updates.increment();
      }
    }
    return null;
  }

  private Void read() throws Exception {
    var random = new SplittableRandom(-1);
    try (YcsbClient client = connector.connect()) {
      while (!done.get()) {
        long start = System.nanoTime();
        if (client.read(random.nextLong(load.rows())) != 1) {
          throw new IllegalStateException("a read of a row that is not there");
        }
        reads.recordValue(System.nanoTime() - start);
        TimeUnit.MILLISECONDS.sleep(READ_PAUSE_MILLIS);
      }
    }
    return null;
  }

  private double residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.split("\\s+")[1]) * 1024)
        .findAny()
        .orElseThrow();
  }

  /** With what waits to be deleted. A file that goes away meanwhile counts as nothing. */
  private double storedBytes() throws IOException {
    try (Stream<Path> files = Files.walk(objects)) {
      return files
          .map(Path::toFile)
          .filter(java.io.File::isFile)
          .mapToDouble(java.io.File::length)
          .sum();
    }
  }
}

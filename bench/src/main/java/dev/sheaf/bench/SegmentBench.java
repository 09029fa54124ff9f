package dev.sheaf.bench;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.ReadAhead;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentSummary;
import dev.sheaf.columnar.segment.SegmentWriter;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.cache.CachedObjects;
import dev.sheaf.objectstore.cache.DiskCache;
import dev.sheaf.pageserver.segment.StoredRanges;
import dev.sheaf.protocol.Timestamp;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * lineitem in segments: bytes and decoding time of each column; scans and lookups of a segment in a
 * distant store, from the store, from a local disk and from memory.
 */
final class SegmentBench {
  private static final String KEY = "lineitem";
  private static final long CACHE_BYTES = 1L << 30;
  private static final int GROUPS_AHEAD = 4;
  private static final int BYTES_PER_MILLI = 90_000;
  private static final int LOOKUPS = 20;
  private static final int DECODE_ROUNDS = 7;

  private final LineItems items;
  private final Path folder;
  private final double firstByteMillis;
  private final int rounds;
  private final ExecutorService background;
  private final PrintStream out;
  private final Map<Row, Result> results = new LinkedHashMap<>();

  SegmentBench(
      LineItems items,
      Path folder,
      double firstByteMillis,
      int rounds,
      ExecutorService background,
      PrintStream out) {
    this.items = items;
    this.folder = folder;
    this.firstByteMillis = firstByteMillis;
    this.rounds = rounds;
    this.background = background;
    this.out = out;
  }

  void run() throws IOException {
    var objects = new MemoryObjectStore();
    columns(objects);
    SegmentSummary whole = write(objects, KEY, items.columns());
    out.printf(
        Locale.ROOT,
        "%nWhole segment: %,d rows, %,d bytes, %.2f bytes a row%n",
        whole.rowCount(),
        whole.sizeBytes(),
        (double) whole.sizeBytes() / whole.rowCount());
    reads(objects, whole.sizeBytes());
  }

  private SegmentSummary write(ObjectStore objects, String key, List<SegmentColumn> columns)
      throws IOException {
    Path file = folder.resolve("segment");
    try (var writer = new SegmentWriter(file, columns, false)) {
      for (Batch batch : items.batches()) {
        Vec[] vecs = new Vec[columns.size() + 1];
        vecs[0] = batch.column(0);
        for (int i = 0; i < columns.size(); i++) {
          vecs[i + 1] = batch.column(columns.get(i).columnId());
        }
        writer.append(Batch.of(vecs, batch.rows()), null);
      }
      SegmentSummary summary = writer.finish();
      objects.putFile(key, file);
      return summary;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void columns(ObjectStore objects) throws IOException {
    out.printf("| column | bytes a row | ns a value |%n|---|---|---|%n");
    long keys = write(objects, "keys", List.of()).sizeBytes();
    print("key, bloom filter, index", keys, decodeNanos(objects, "keys", keys, 0));
    for (SegmentColumn column : items.columns()) {
      String name = items.names().get(column.columnId() - 1);
      long size = write(objects, name, List.of(column)).sizeBytes();
      print(name, size - keys, decodeNanos(objects, name, size, column.columnId()));
    }
  }

  private void print(String name, long bytes, Sample nanos) {
    double each = (double) bytes / items.rows();
    out.printf(Locale.ROOT, "| %s | %.2f | %s |%n", name, each, nanos.spread());
  }

  /** Of each value, from memory. */
  private Sample decodeNanos(ObjectStore objects, String key, long size, int column) {
    SegmentReader segment =
        new Segments(new StoredRanges(objects), new BlockCache(CACHE_BYTES)).open(key, size);
    double[] nanos = new double[DECODE_ROUNDS];
    for (int round = -DECODE_ROUNDS; round < DECODE_ROUNDS; round++) {
      long start = System.nanoTime();
      scan(segment, new int[] {column});
      nanos[Math.max(0, round)] = (double) (System.nanoTime() - start) / items.rows();
    }
    return Sample.of(nanos);
  }

  private static void scan(SegmentReader segment, int[] columns) {
    for (int group = 0; group < segment.rowGroups(); group++) {
      for (int ahead = group;
          ahead < Math.min(segment.rowGroups(), group + 1 + GROUPS_AHEAD);
          ahead++) {
        segment.expect(columns, ahead, 0, segment.rowsIn(ahead));
      }
      for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
        int count = Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from);
        for (int column : columns) {
          Vec unused = segment.read(column, group, from, count);
        }
      }
    }
  }

  /** One way to read; the disk is what an earlier one left. */
  private record Way(String name, boolean ahead, @Nullable DiskCache disk) {}

  private void reads(MemoryObjectStore objects, long size) {
    var limits = new DiskCache.Limits(8L << 30, 16 << 20, 0, 1L << 30);
    int[] four = columnsNamed("l_shipdate", "l_discount", "l_quantity", "l_extendedprice");
    for (int round = 0; round <= rounds; round++) {
      for (int[] columns : new int[][] {four, all()}) {
        Path onDisk = folder.resolve("disk-" + round + "-" + columns.length);
        var disk = DiskCache.open(onDisk, "bench", limits, Runnable::run);
        scans(objects, size, new Way("store, when needed", false, null), columns);
        scans(objects, size, new Way("store, read ahead", true, null), columns);
        scans(objects, size, new Way("store, read ahead, kept on disk", true, disk), columns);
        scans(objects, size, new Way("disk", true, disk), columns);
      }
      var disk = DiskCache.open(folder.resolve("disk-" + round), "bench", limits, Runnable::run);
      lookups(objects, size, new Way("store, column by column", false, null), round);
      lookups(objects, size, new Way("store, columns side by side", true, null), round);
      lookups(objects, size, new Way("store, side by side, kept on disk", true, disk), round);
      lookups(objects, size, new Way("disk", true, disk), round);
      if (round == 0) {
        results.clear(); // the JVM's own warm-up
      }
    }
    out.printf("%n| what | from | ms | requests |%n|---|---|---|---|%n");
    results.forEach((row, result) -> {
      double[] millis = result.millis.stream().mapToDouble(Double::doubleValue).toArray();
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %,d |%n",
          row.what,
          row.from,
          Sample.of(millis).spread(),
          result.requests / millis.length);
    });
  }

  private int[] all() {
    return IntStream.rangeClosed(1, items.columns().size()).toArray();
  }

  private int[] columnsNamed(String... names) {
    return Arrays.stream(names).mapToInt(name -> items.names().indexOf(name) + 1).toArray();
  }

  private DistantObjects distant(MemoryObjectStore objects) {
    return new DistantObjects(objects, firstByteMillis, BYTES_PER_MILLI, new AtomicLong());
  }

  private Segments segments(DistantObjects store, Way way) {
    ObjectStore near = way.disk() == null ? store : new CachedObjects(store, way.disk());
    return new Segments(
        new StoredRanges(near),
        new BlockCache(CACHE_BYTES),
        way.ahead() ? new ReadAhead(background, 32 << 20) : ReadAhead.NONE);
  }

  /** From a store whose segment nobody has opened yet; then again, from memory. */
  private void scans(MemoryObjectStore objects, long size, Way way, int[] columns) {
    String what = "scan of " + columns.length + " columns";
    DistantObjects store = distant(objects);
    Segments segments = segments(store, way);
    long start = System.nanoTime();
    SegmentReader segment = segments.open(KEY, size);
    scan(segment, columns);
    measured(what, way.name(), start, store);
    if (!way.ahead()) {
      long again = System.nanoTime();
      scan(segment, columns);
      measured(what, "memory", again, store);
    }
  }

  /** Whole rows by key, each of an open segment no page of which is in memory; then again. */
  private void lookups(MemoryObjectStore objects, long size, Way way, int round) {
    String what = "row of " + items.columns().size() + " columns by key";
    var random = new Random(round);
    for (int i = 0; i < LOOKUPS; i++) {
      Batch batch = items.batches().get(random.nextInt(items.batches().size()));
      byte[] key = LineItems.keyOf(batch, random.nextInt(batch.rows()));
      DistantObjects store = distant(objects);
      SegmentReader segment = segments(store, way).open(KEY, size);
      store.requests().set(0);
      long start = System.nanoTime();
      lookup(segment, key);
      measured(what, way.name(), start, store);
      if (!way.ahead()) {
        long again = System.nanoTime();
        lookup(segment, key);
        measured(what, "memory", again, store);
      }
    }
  }

  private void lookup(SegmentReader segment, byte[] key) {
    long row = segment.find(key, Timestamp.MAX).orElseThrow();
    int group = (int) (row / SegmentReader.ROW_GROUP_ROWS);
    int offset = (int) (row % SegmentReader.ROW_GROUP_ROWS);
    int[] columns = all();
    segment.expect(columns, group, offset, 1);
    for (int column : columns) {
      Vec unused = segment.read(column, group, offset, 1);
    }
  }

  private void measured(String what, String from, long start, DistantObjects store) {
    double millis = (System.nanoTime() - start) / 1e6;
    Result result = results.computeIfAbsent(new Row(what, from), row -> new Result());
    result.millis.add(millis);
    result.requests += store.requests().getAndSet(0);
  }

  private record Row(String what, String from) {}

  private static final class Result {
    final List<Double> millis = new ArrayList<>();
    long requests;
  }
}

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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
  private static final int LOOKUPS = 50;
  private static final int DECODE_ROUNDS = 7;

  private final LineItems items;
  private final Path folder;
  private final double firstByteMillis;
  private final ExecutorService background;
  private final PrintStream out;

  SegmentBench(
      LineItems items,
      Path folder,
      double firstByteMillis,
      ExecutorService background,
      PrintStream out) {
    this.items = items;
    this.folder = folder;
    this.firstByteMillis = firstByteMillis;
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

  private void print(String name, long bytes, double nanos) {
    out.printf(Locale.ROOT, "| %s | %.2f | %.2f |%n", name, (double) bytes / items.rows(), nanos);
  }

  private double decodeNanos(ObjectStore objects, String key, long size, int column) {
    SegmentReader segment =
        new Segments(new StoredRanges(objects), new BlockCache(CACHE_BYTES)).open(key, size);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < DECODE_ROUNDS; round++) {
      long start = System.nanoTime();
      scan(segment, new int[] {column});
      best = Math.min(best, System.nanoTime() - start);
    }
    return (double) best / items.rows();
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
    int[] all = IntStream.rangeClosed(1, items.columns().size()).toArray();
    out.printf(Locale.ROOT, "%n| what | from | ms | requests |%n|---|---|---|---|%n");
    measure("warm-up, not to be counted", objects, size, new Way("", true, null), all);
    for (int[] columns : new int[][] {four, all}) {
      String what = "scan of " + columns.length + " columns";
      var disk =
          DiskCache.open(folder.resolve("disk" + columns.length), "bench", limits, Runnable::run);
      measure(what, objects, size, new Way("store, read when needed", false, null), columns);
      measure(what, objects, size, new Way("store, read ahead", true, null), columns);
      measure(
          what, objects, size, new Way("store, read ahead, written to disk", true, disk), columns);
      measure(what, objects, size, new Way("disk", true, disk), columns);
    }
    var disk = DiskCache.open(folder.resolve("disk"), "bench", limits, Runnable::run);
    lookups(objects, size, new Way("store, column by column", false, null));
    lookups(objects, size, new Way("store, columns side by side", true, null));
    lookups(objects, size, new Way("store, side by side, written to disk", true, disk));
    lookups(objects, size, new Way("disk", true, disk));
  }

  private int[] columnsNamed(String... names) {
    return Arrays.stream(names).mapToInt(name -> items.names().indexOf(name) + 1).toArray();
  }

  private DistantObjects distant(MemoryObjectStore objects) {
    return new DistantObjects(objects, firstByteMillis, 90_000, new AtomicLong());
  }

  private Segments segments(DistantObjects store, Way way) {
    ObjectStore near = way.disk() == null ? store : new CachedObjects(store, way.disk());
    return new Segments(
        new StoredRanges(near),
        new BlockCache(CACHE_BYTES),
        way.ahead() ? new ReadAhead(background, 32 << 20) : ReadAhead.NONE);
  }

  private void measure(String what, MemoryObjectStore objects, long size, Way way, int[] columns) {
    DistantObjects store = distant(objects);
    Segments segments = segments(store, way);
    long start = System.nanoTime();
    SegmentReader segment = segments.open(KEY, size);
    scan(segment, columns);
    row(what, way.name(), (System.nanoTime() - start) / 1e6, store.requests().get());
    if (!way.ahead()) {
      long again = System.nanoTime();
      scan(segment, columns);
      row(what, "memory", (System.nanoTime() - again) / 1e6, 0);
    }
  }

  /** Whole rows by key, each from pages that nobody has read yet. */
  private void lookups(MemoryObjectStore objects, long size, Way way) {
    DistantObjects store = distant(objects);
    var random = new Random(11);
    int[] all = IntStream.rangeClosed(1, items.columns().size()).toArray();
    double millis = 0;
    for (int i = 0; i < LOOKUPS; i++) {
      Batch batch = items.batches().get(random.nextInt(items.batches().size()));
      byte[] key = LineItems.keyOf(batch, random.nextInt(batch.rows()));
      SegmentReader segment = segments(store, way).open(KEY, size);
      long start = System.nanoTime();
      long row = segment.find(key, Timestamp.MAX).orElseThrow();
      int group = (int) (row / SegmentReader.ROW_GROUP_ROWS);
      int offset = (int) (row % SegmentReader.ROW_GROUP_ROWS);
      segment.expect(all, group, offset, 1);
      for (int column : all) {
        Vec unused = segment.read(column, group, offset, 1);
      }
      millis += (System.nanoTime() - start) / 1e6;
    }
    row("row of 16 columns by key", way.name(), millis / LOOKUPS, store.requests().get() / LOOKUPS);
  }

  private void row(String what, String from, double millis, long requests) {
    out.printf(Locale.ROOT, "| %s | %s | %.1f | %,d |%n", what, from, millis, requests);
  }
}

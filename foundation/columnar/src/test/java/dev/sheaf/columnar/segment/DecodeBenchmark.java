package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.Timestamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Cost of decoding a million values from cached pages, batch by batch, and of lookups; run by hand:
 * prints the best of several rounds in nanoseconds a value, and bytes a value.
 */
final class DecodeBenchmark {
  private static final int ROWS = 1 << 20;
  private static final int ROUNDS = 30;

  private DecodeBenchmark() {}

  private record Workload(String name, Vec values) {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("decode-benchmark");
    List<Workload> workloads = workloads(new Random(1));
    List<SegmentColumn> columns = new ArrayList<>();
    List<Vec> vecs = new ArrayList<>();
    byte[][] keys = new byte[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      keys[i] = key(i);
    }
    vecs.add(SegmentRoundTripTest.views(keys));
    for (Workload workload : workloads) {
      columns.add(new SegmentColumn(columns.size() + 1, workload.values.type()));
      vecs.add(workload.values);
    }
    long[] timestamps = new Random(2).longs(ROWS, 1L << 50, (1L << 50) + (1L << 30)).toArray();
    var objects = new ObjectsInMemory();
    long start = System.nanoTime();
    SegmentSource source;
    try (var writer = new SegmentWriter(folder.resolve("s"), columns, true)) {
      writer.append(Batch.of(vecs.toArray(Vec[]::new), ROWS), timestamps);
      source = objects.add("s", writer.finish().path());
    }
    System.out.printf(
        "write: %d ms for %d rows of %d columns, %d bytes%n",
        (System.nanoTime() - start) / 1_000_000, ROWS, columns.size() + 2, source.sizeBytes());
    Files.delete(folder.resolve("s"));
    Files.delete(folder);

    SegmentFile segment = SegmentFile.open(source, new BlockCache(1L << 30));
    for (int c = 0; c <= columns.size(); c++) {
      int id = c;
      report(c == 0 ? "keys" : workloads.get(c - 1).name, ROWS, () -> scan(segment, id));
    }
    report("find", 100_000, () -> finds(segment));
    report("one LONG", 100_000, () -> points(segment));
  }

  private static List<Workload> workloads(Random random) {
    List<Workload> all = new ArrayList<>();
    for (int width : new int[] {1, 5, 8, 12, 17, 24, 33, 48, 64}) {
      all.add(
          new Workload(
              "LONG frame of " + width + " bits", longs(() -> random.nextLong() >>> (64 - width))));
    }
    int[] next = {0};
    all.add(new Workload("LONG ascending", longs(() -> next[0] += random.nextInt(40))));
    int[] run = {0};
    all.add(
        new Workload(
            "LONG runs", longs(() -> run[0] += random.nextInt(100) == 0 ? random.nextInt() : 0)));
    double[] wild = random.doubles(ROWS).toArray();
    all.add(new Workload("DOUBLE plain", new DoubleVec(wild, null, ROWS)));
    double[] prices = random.ints(ROWS, 0, 10_000_000).mapToDouble(i -> i / 100.0).toArray();
    all.add(new Workload("DOUBLE two decimals", new DoubleVec(prices, null, ROWS)));
    for (int distinct : new int[] {3, 1000, 1_000_000}) {
      byte[][] values = new byte[ROWS][];
      for (int i = 0; i < ROWS; i++) {
        values[i] =
            ("customer number " + random.nextInt(distinct)).getBytes(StandardCharsets.UTF_8);
      }
      all.add(
          new Workload("BYTES of " + distinct + " distinct", SegmentRoundTripTest.views(values)));
    }
    long[] validity = random.longs(ROWS / 64).toArray();
    long[] halves = random.longs(ROWS, 0, 1 << 17).toArray();
    all.add(new Workload("LONG frame of 17 bits, half NULL", new LongVec(halves, validity, ROWS)));
    return all;
  }

  private static LongVec longs(LongSupplier next) {
    long[] values = new long[ROWS];
    for (int i = 0; i < ROWS; i++) {
      values[i] = next.getAsLong();
    }
    return new LongVec(values, null, ROWS);
  }

  private static void report(String name, int operations, LongSupplier run) {
    long best = Long.MAX_VALUE;
    long check = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      check += run.getAsLong();
      best = Math.min(best, System.nanoTime() - start);
    }
    System.out.printf("%-36s %8.2f ns  (%d)%n", name, (double) best / operations, check);
  }

  private static long scan(SegmentFile segment, int column) {
    long check = 0;
    for (int group = 0; group < segment.rowGroups(); group++) {
      for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
        Vec vec =
            segment.read(
                column, group, from, Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from));
        check +=
            vec instanceof LongVec longs
                ? longs.values()[17]
                : vec instanceof BytesVec b ? b.start()[17] : 1;
      }
    }
    return check;
  }

  private static long finds(SegmentFile segment) {
    var random = new Random(3);
    long check = 0;
    for (int i = 0; i < 100_000; i++) {
      check += segment.find(key(random.nextInt(ROWS)), Timestamp.MAX).getAsLong();
    }
    return check;
  }

  private static long points(SegmentFile segment) {
    var random = new Random(4);
    long check = 0;
    for (int i = 0; i < 100_000; i++) {
      int row = random.nextInt(ROWS);
      check += segment.read(5, row >>> 16, row & 0xFFFF, 1).size();
    }
    return check;
  }

  private static byte[] key(int i) {
    return new byte[] {
      0,
      0,
      0,
      7,
      0,
      0,
      0,
      0,
      1,
      -128,
      0,
      0,
      0,
      (byte) (i >>> 24),
      (byte) (i >>> 16),
      (byte) (i >>> 8),
      (byte) i
    };
  }
}

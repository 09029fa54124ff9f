package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.segment.Shape.Nulls;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is written is read back, in every encoding, range and order of reading. */
final class SegmentRoundTripTest {
  private static final long SEED = Long.getLong("sheaf.seed", 7);

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 63, 64, 65, 1023, 1025, 4095, 4096, 4097, 8191, 65_536, 65_537, 140_001})
  void everyTypeShapeAndNullness(int count) {
    var random = new Random(SEED + count);
    List<SegmentColumn> columns = new ArrayList<>();
    List<Vec> vecs = new ArrayList<>();
    boolean large = count > 10_000;
    int combination = 0;
    for (PhysicalType type : PhysicalType.values()) {
      for (Shape shape : Shape.values()) {
        for (Nulls nulls : Nulls.values()) {
          // large ones take turns: 65,536 rows of all would only take longer
          if (large && (combination + count) % 17 != 0) {
            combination++;
            continue;
          }
          combination++;
          columns.add(new SegmentColumn(10 + combination, type));
          vecs.add(shape.vec(type, nulls, count, random));
        }
      }
    }
    BytesVec keys = keys(count, random);
    long[] timestamps = random.longs(count, 1, 1L << 60).toArray();
    SegmentSummary summary = write(columns, keys, vecs, timestamps, random);

    var cache = new BlockCache(8 << 20);
    SegmentReader segment = SegmentFile.open(objects.add("s" + count, summary.path()), cache);

    String seed = "-Dsheaf.seed=" + SEED + " count " + count;
    assertThat(segment.rowCount()).as(seed).isEqualTo(count);
    assertThat(segment.columns()).isEqualTo(columns);
    assertThat(summary.sizeBytes()).isEqualTo(objects.content("s" + count).length);
    assertThat(segment.maxKey()).isEqualTo(summary.maxKey());
    assertThat(segment.minKey()).isEqualTo(summary.minKey());
    assertThat(segment.maxTimestamp())
        .isEqualTo(new Timestamp(Arrays.stream(timestamps).max().orElse(0)));
    SegmentCheck.run(new SegmentSource("s" + count, summary.sizeBytes(), objects));
    checkColumn(segment, 0, keys, random, seed + " keys");
    for (int c = 0; c < columns.size(); c++) {
      checkColumn(
          segment, columns.get(c).columnId(), vecs.get(c), random, seed + " " + columns.get(c));
      checkZones(segment, columns.get(c), vecs.get(c), seed);
    }
    for (int group = 0; group < segment.rowGroups(); group++) {
      int from = group * SegmentReader.ROW_GROUP_ROWS;
      assertThat(segment.timestamps(group, 0, segment.rowsIn(group)))
          .isEqualTo(Arrays.copyOfRange(timestamps, from, from + segment.rowsIn(group)));
    }
    assertThat(cache.stats().usedBytes()).isLessThanOrEqualTo(cache.capacityBytes());
  }

  private static BytesVec keys(int count, Random random) {
    byte[][] keys = new byte[count][];
    long id = -500;
    for (int i = 0; i < count; i++) {
      id += 1 + random.nextInt(3);
      keys[i] =
          TableKey.encode(
              7,
              new PhysicalType[] {PhysicalType.LONG, PhysicalType.BYTES},
              new Object[] {id, new byte[random.nextInt(20)]});
    }
    return views(keys);
  }

  static BytesVec views(byte[][] values) {
    int[] start = new int[values.length];
    int[] length = new int[values.length];
    int size = Arrays.stream(values).mapToInt(v -> v.length).sum();
    byte[] data = new byte[size];
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(values[i], 0, data, at, values[i].length);
      start[i] = at;
      length[i] = values[i].length;
      at += values[i].length;
    }
    return BytesVec.of(data, start, length, null, values.length);
  }

  /** Writes in batches of all sizes, some as a selection. */
  private SegmentSummary write(
      List<SegmentColumn> columns,
      BytesVec keys,
      List<Vec> vecs,
      long[] timestamps,
      Random random) {
    var file = folder.resolve("segment" + keys.size());
    Vec[] all = new Vec[vecs.size() + 1];
    all[0] = keys;
    for (int c = 0; c < vecs.size(); c++) {
      all[c + 1] = vecs.get(c);
    }
    try (var writer = new SegmentWriter(file, columns, true)) {
      var whole = Batch.of(all, keys.size());
      for (int from = 0; from < keys.size(); ) {
        int count = Math.min(keys.size() - from, 1 + random.nextInt(3 * Page.ROWS));
        int first = from;
        int[] selection = new int[count];
        Arrays.setAll(selection, i -> first + i);
        writer.append(count == keys.size() ? whole : whole.select(selection, count), timestamps);
        from += count;
      }
      SegmentSummary summary = writer.finish();
      assertThat(folder.toFile().list())
          .as("no temporary files")
          .containsExactly("segment" + keys.size());
      return summary;
    }
  }

  private static void checkColumn(
      SegmentReader segment, int id, Vec wanted, Random random, String what) {
    for (int group = 0; group < segment.rowGroups(); group++) {
      int rows = segment.rowsIn(group);
      int base = group * SegmentReader.ROW_GROUP_ROWS;
      for (int from = 0; from < rows; from += Page.ROWS) {
        checkRange(segment, id, wanted, group, base, from, Math.min(Page.ROWS, rows - from), what);
      }
      for (int i = 0; i < 6; i++) {
        int from = random.nextInt(rows);
        int count = random.nextInt(Math.min(rows - from, i < 4 ? 200 : 9000) + 1);
        checkRange(segment, id, wanted, group, base, from, count, what);
      }
    }
  }

  private static void checkRange(
      SegmentReader segment,
      int id,
      Vec wanted,
      int group,
      int base,
      int from,
      int count,
      String what) {
    Vec read = segment.read(id, group, from, count);
    boolean anyNull = false;
    if (read.size() != count || read.type() != wanted.type()) {
      throw new AssertionError(what + ": wrong size or type");
    }
    for (int i = 0; i < count; i++) {
      Object expected = wanted.value(base + from + i);
      Object actual = read.value(i);
      anyNull |= expected == null;
      if (!Objects.deepEquals(expected, actual)) {
        throw new AssertionError(
            "%s: row %d + %d + %d is %s, not %s".formatted(what, base, from, i, actual, expected));
      }
    }
    assertThat(read.hasNulls()).as(what).isEqualTo(anyNull);
    if (read instanceof BytesVec bytes && bytes.codes() != null) {
      checkCodes(bytes, what);
    }
  }

  private static void checkCodes(BytesVec vec, String what) {
    for (int i = 0; i < vec.size(); i++) {
      if (!vec.isNull(i) && !Arrays.equals(vec.bytes(i), vec.dictionary().bytes(vec.codes()[i]))) {
        throw new AssertionError(what + ": code of row " + i);
      }
    }
    long distinct =
        java.util.stream.IntStream.range(0, vec.dictionary().size())
            .mapToObj(e -> java.nio.ByteBuffer.wrap(vec.dictionary().bytes(e)))
            .distinct()
            .count();
    assertThat(distinct).as(what + ": entries are distinct").isEqualTo(vec.dictionary().size());
  }

  private static void checkZones(
      SegmentReader segment, SegmentColumn column, Vec wanted, String what) {
    Comparator<Object> order = SegmentRoundTripTest::compare;
    for (int group = 0; group < segment.rowGroups(); group++) {
      ZoneMap zone = segment.zone(column.columnId(), group);
      int nulls = 0;
      boolean nan = false;
      for (int i = 0; i < segment.rowsIn(group); i++) {
        Object value = wanted.value(group * SegmentReader.ROW_GROUP_ROWS + i);
        if (value == null) {
          nulls++;
        } else if (value instanceof Double d && d.isNaN()) {
          nan = true;
        } else {
          boolean within =
              (zone.min() == null || order.compare(zone.min(), value) <= 0)
                  && (zone.max() == null || order.compare(zone.max(), value) >= 0);
          if (!within) {
            throw new AssertionError(what + " " + column + ": " + zone + " excludes " + value);
          }
        }
      }
      assertThat(zone.nulls()).as(what + column).isEqualTo(nulls);
      assertThat(zone.hasNaN()).as(what + column).isEqualTo(nan);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compare(Object a, Object b) {
    return switch (a) {
      case byte[] bytes -> Arrays.compareUnsigned(bytes, (byte[]) b);
      case BigInteger i -> i.compareTo((BigInteger) b);
      default -> ((Comparable) a).compareTo(b);
    };
  }
}

package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many reads of the store answer what, and what callers must not ask. */
final class SegmentReadsTest {
  private static final int ROWS = 5 * SegmentReader.ROW_GROUP_ROWS;
  private static final long SEED = 17;

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();
  private SegmentSource source;

  @BeforeEach
  void write() {
    var random = new Random(SEED);
    byte[][] keys = new byte[ROWS][];
    byte[][] cities = new byte[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      keys[i] = key(i);
      cities[i] = new byte[] {'c', 'i', 't', 'y', (byte) random.nextInt(50)};
    }
    long[] numbers = random.longs(ROWS).toArray();
    var columns =
        List.of(new SegmentColumn(1, PhysicalType.LONG), new SegmentColumn(4, PhysicalType.BYTES));
    Vec[] vecs = {
      SegmentRoundTripTest.views(keys),
      new LongVec(numbers, null, ROWS),
      SegmentRoundTripTest.views(cities)
    };
    try (var writer = new SegmentWriter(folder.resolve("s"), columns, false)) {
      writer.append(Batch.of(vecs, ROWS), null);
      source = objects.add("s", writer.finish().path());
    }
  }

  private static byte[] key(int i) {
    return new byte[] {'k', (byte) (i >>> 24), (byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
  }

  @Test
  void aScanReadsItsColumnInLargeRanges() {
    var segment = SegmentFile.open(source, new BlockCache(64 << 20));
    assertThat(objects.takeReads()).as("open").hasSizeLessThanOrEqualTo(2);

    scan(segment, 1);
    List<Integer> plain = objects.takeReads();
    long bytes = plain.stream().mapToLong(Integer::longValue).sum();
    assertThat(bytes).isBetween(8L * ROWS, 8L * ROWS + ROWS / 10);
    assertThat(plain).as("2.6 MB in reads of up to 1 MiB").hasSizeLessThanOrEqualTo(5);
    assertThat(plain).allMatch(length -> length <= PageFetcher.READ_AHEAD_BYTES);

    scan(segment, 4);
    assertThat(objects.takeReads()).as("6 bits a row").hasSizeLessThanOrEqualTo(2);

    scan(segment, 1);
    scan(segment, 4);
    assertThat(objects.takeReads()).as("cached").isEmpty();
  }

  private static void scan(SegmentReader segment, int column) {
    for (int group = 0; group < segment.rowGroups(); group++) {
      for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
        segment.read(column, group, from, Batch.MAX_ROWS);
      }
    }
  }

  @Test
  void aPointReadFetchesAPageAColumn() {
    var segment = SegmentFile.open(source, new BlockCache(64 << 20));
    objects.takeReads();

    assertThat(segment.find(key(200_000), Timestamp.MAX)).hasValue(200_000);
    assertThat(objects.takeReads()).as("bloom page, key page").hasSize(2).allMatch(n -> n < 30_000);

    assertThat(segment.read(1, 3, 200_000 - 3 * 65_536, 1).size()).isEqualTo(1);
    assertThat(objects.takeReads()).hasSize(1).allMatch(n -> n < 35_000);

    assertThat(segment.find(key(200_001), Timestamp.MAX)).hasValue(200_001);
    assertThat(segment.lowerBound(key(200_002))).isEqualTo(200_002);
    assertThat(segment.find("zzz".getBytes(StandardCharsets.UTF_8), Timestamp.MAX)).isEmpty();
    assertThat(objects.takeReads()).as("cached or outside").isEmpty();
  }

  @Test
  void aDictionaryIsDecodedOnceAGroup() {
    var segment = SegmentFile.open(source, new BlockCache(64 << 20));
    var first = (BytesVec) segment.read(4, 1, 0, 100);
    var second = (BytesVec) segment.read(4, 1, 5000, 4096);

    assertThat(first.dictionary()).isNotNull().isSameAs(second.dictionary());
    assertThat(first.dictionary().size()).isEqualTo(50);
    assertThat(second.codes()).hasSize(4096);
  }

  @Test
  void wideValuesMakeSmallPages() {
    var random = new Random(SEED);
    byte[][] keys = new byte[3000][];
    byte[][] wide = new byte[keys.length][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Arrays.copyOf(key(i), 5 + random.nextInt(1000));
      wide[i] = new byte[random.nextInt(4000)];
      random.nextBytes(wide[i]);
    }
    Vec[] vecs = {SegmentRoundTripTest.views(keys), SegmentRoundTripTest.views(wide)};
    SegmentFile segment;
    try (var writer =
        new SegmentWriter(
            folder.resolve("w"), List.of(new SegmentColumn(1, PhysicalType.BYTES)), false)) {
      writer.append(Batch.of(vecs, keys.length), null);
      segment = SegmentFile.open(objects.add("w", writer.finish().path()), new BlockCache(4 << 20));
    }
    objects.takeReads();
    assertThat(segment.read(1, 0, 2000, 1).value(0)).isEqualTo(wide[2000]);
    assertThat(objects.takeReads()).hasSize(1).allMatch(n -> n < 140_000);

    for (int i = 0; i < 300; i++) {
      int from = random.nextInt(keys.length);
      int count = 1 + random.nextInt(Math.min(500, keys.length - from));
      Vec values = segment.read(1, 0, from, count);
      Vec readKeys = segment.read(SegmentReader.KEY_COLUMN, 0, from, count);
      int row = random.nextInt(count);
      assertThat(values.value(row)).isEqualTo(wide[from + row]);
      assertThat(readKeys.value(row)).isEqualTo(keys[from + row]);
      assertThat(segment.find(keys[from], Timestamp.MAX)).hasValue(from);
    }
  }

  @Test
  void worksWithoutRoomInTheCache() {
    var segment = SegmentFile.open(source, new BlockCache(0));
    assertThat(segment.find(key(77_777), Timestamp.MAX)).hasValue(77_777);
    assertThat(segment.read(4, 4, 60_000, 5536).size()).isEqualTo(5536);
  }

  @Test
  void anOpenSegmentIsSharedAndReopenedAfterEviction() {
    var cache = new BlockCache(1 << 20);
    var segments = new Segments(objects, cache);
    SegmentReader open = segments.open("s", source.sizeBytes());
    assertThat(segments.open("s", source.sizeBytes())).isSameAs(open);

    for (int group = 0; group < 5; group++) {
      open.read(1, group, 0, 65_536);
      open.read(1, group, 0, 65_536);
    }
    assertThat(segments.open("s", source.sizeBytes()).rowCount()).isEqualTo(ROWS);
    assertThat(cache.stats().usedBytes()).isLessThanOrEqualTo(cache.capacityBytes());
  }

  @Test
  void refusesRowsAndColumnsThatAreNotThere() {
    var segment = SegmentFile.open(source, new BlockCache(1 << 20));
    misuse(() -> segment.read(1, 0, 0, 65_537));
    misuse(() -> segment.read(1, 5, 0, 1));
    misuse(() -> segment.read(1, -1, 0, 1));
    misuse(() -> segment.read(1, 0, -1, 1));
    misuse(() -> segment.read(2, 0, 0, 1));
    misuse(() -> segment.read(-2, 0, 0, 1));
    misuse(() -> segment.timestamps(0, 0, 1));
    assertThat(segment.read(1, 0, 65_536, 0).size()).isZero();
    assertThat(segment.zone(2, 0)).isNull();
    assertThat(segment.hasColumn(0)).isTrue();
    assertThat(segment.hasColumn(2)).isFalse();
    assertThat(segment.hasColumn(-2)).isFalse();
  }

  @Test
  void theWriterRefusesRowsOutOfOrder() {
    long[] timestamps = {9, 9, 8};
    refuses(true, new long[] {9, 9, 9}, "b", "a");
    refuses(true, timestamps, "a", "a", "a");
    refuses(true, new long[] {8, 9}, "a", "a");
    refuses(true, new long[] {-1}, "a");
    refuses(true, null, "a");
    refuses(false, timestamps, "a");
    refuses(false, null, "a", "a");
    refuses(false, null, "ab", "a");
    Vec[] wrongType = {
      SegmentRoundTripTest.views(new byte[][] {{1}}), new LongVec(new long[1], null, 1)
    };
    try (var writer =
        new SegmentWriter(
            folder.resolve("t"), List.of(new SegmentColumn(1, PhysicalType.INT)), false)) {
      misuse(() -> writer.append(Batch.of(wrongType, 1), null));
    }
    var unordered =
        List.of(new SegmentColumn(2, PhysicalType.INT), new SegmentColumn(1, PhysicalType.INT));
    misuse(() -> new SegmentWriter(folder.resolve("t"), unordered, true));
  }

  private void refuses(boolean withTimestamps, long[] timestamps, String... keys) {
    byte[][] bytes =
        Arrays.stream(keys).map(k -> k.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    Vec[] vecs = {SegmentRoundTripTest.views(bytes)};
    Path file = folder.resolve("refused");
    try (var writer = new SegmentWriter(file, List.of(), withTimestamps)) {
      misuse(() -> writer.append(Batch.of(vecs, keys.length), timestamps));
    }
    assertThat(file).doesNotExist();
  }

  private static void misuse(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL_ERROR));
  }
}

package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.Shape.Nulls;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not what was written give XX001 with the object's name, never other rows. */
final class SegmentCorruptionTest {
  private static final long SEED = Long.getLong("sheaf.seed", 3);
  private static final String NAME = "shards/7/000042.seg";

  /** What version 1 was pinned with. */
  private static final List<Shape> OLD_SHAPES =
      List.of(Shape.FEW_DISTINCT, Shape.ASCENDING, Shape.WILD);

  private static final List<Shape> ALL_SHAPES = List.of(Shape.values());

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();

  @Test
  void everyCutIsDetected() {
    byte[] whole = segment(70);
    String right = contents(whole, whole.length);
    assertThat(right).isNotEmpty();

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertCorrupted(cut, length, "cut to " + length);
      assertCorrupted(cut, whole.length, "cut to " + length + " unknown to the manifest");
    }
    assertCorrupted(Arrays.copyOf(whole, whole.length + 1), whole.length + 1, "a byte too many");
  }

  /** All kinds of pages. */
  @Test
  void everyFlippedBitIsDetected() {
    detectsFlips(segment(70, ALL_SHAPES), 0, 1);
  }

  /** Bytes that no read needs, too: of the bloom filter's pages, some. */
  @ParameterizedTest
  @ValueSource(ints = {1, 70})
  void theCheckFindsEveryFlippedByte(int rows) {
    byte[] whole = segment(rows);
    var source = new SegmentSource(NAME, whole.length, objects);
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << new Random(SEED + at).nextInt(8));
      objects.put(NAME, flipped);
      assertThatThrownBy(() -> SegmentCheck.run(source))
          .as("flipped at " + at + " of " + whole.length)
          .hasMessageContaining(NAME);
    }
    objects.put(NAME, whole);
    SegmentCheck.run(source);
  }

  /**
   * As much as the first read of a segment gets. Every byte of it with {@code
   * -Dsheaf.exhaustive=true}, which takes minutes.
   */
  @Test
  void flipsAreDetectedIn64KiB() {
    byte[] whole = segment(600, ALL_SHAPES);
    assertThat(whole.length).isBetween(50_000, SegmentFile.TAIL_BYTES);
    int step = Boolean.getBoolean("sheaf.exhaustive") ? 1 : 41;
    detectsFlips(whole, new Random(SEED).nextInt(step), step);
  }

  private void detectsFlips(byte[] whole, int from, int step) {
    for (int at = from; at < whole.length; at += step) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << new Random(SEED + at).nextInt(8));
      assertCorrupted(flipped, whole.length, "flipped at " + at + " of " + whole.length);
    }
  }

  /** The manifest names the object, and the object names itself: another's bytes do not pass. */
  @Test
  void anotherObjectUnderTheKeyIsDetected() {
    byte[] other = segment(70, OLD_SHAPES, "shards/7/000043.seg");
    byte[] mine = segment(70, OLD_SHAPES);
    assertThat(other).hasSameSizeAs(mine);
    assertCorrupted(other, mine.length, "another segment of the same size");
    byte[] garbage = new byte[mine.length];
    new Random(SEED).nextBytes(garbage);
    assertCorrupted(garbage, mine.length, "garbage of the right length");
    assertCorrupted(new byte[mine.length], mine.length, "zeros of the right length");
  }

  @Test
  void flipsInALargeSegmentGiveAnErrorOrTheRightRows() {
    var random = new Random(SEED);
    byte[] whole = segment(20_000);
    assertThat(whole.length).isGreaterThan(SegmentFile.TAIL_BYTES);
    String right = contents(whole, whole.length);
    for (int i = 0; i < 40; i++) {
      int at = i < SegmentLayout.HEADER_BYTES ? i : random.nextInt(whole.length);
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      if (at >= SegmentLayout.HEADER_BYTES) {
        assertCorrupted(flipped, whole.length, "flipped at " + at);
      } else {
        // the header of a large segment is not read: the footer says the same
        assertThat(contents(flipped, whole.length)).isEqualTo(right);
        assertThatThrownBy(() -> SegmentCheck.run(new SegmentSource(NAME, whole.length, objects)))
            .hasMessageContaining(NAME);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aSegmentWrittenByAnyVersionIsStillRead(int version) throws IOException {
    byte[] now = version == 1 ? segment(70) : segment(70, ALL_SHAPES);
    String file = System.getProperty("sheaf.golden"); // of a new version, to be kept from then on
    if (file != null && version == 2) {
      Files.write(Path.of(file), now);
    }
    byte[] old;
    try (var resource = getClass().getResourceAsStream("version-" + version + ".golden")) {
      old = resource.readAllBytes();
    }
    assertThat(contents(old, old.length)).isEqualTo(contents(now, now.length));
    var objects = new ObjectsInMemory();
    objects.put(NAME, old);
    SegmentCheck.run(new SegmentSource(NAME, old.length, objects));
  }

  @Test
  void aMissingObjectIsNamed() {
    assertThatThrownBy(
            () -> SegmentFile.open(new SegmentSource(NAME, 1000, objects), new BlockCache(1 << 20)))
        .hasMessageContaining(NAME);
  }

  private void assertCorrupted(byte[] bytes, long claimedSize, String what) {
    try {
      contents(bytes, claimedSize);
    } catch (SheafException e) {
      assertThat(e.code()).as(what + ": " + e).isEqualTo(ErrorCode.DATA_CORRUPTED);
      assertThat(e.message()).as(what).contains(NAME);
      return;
    }
    throw new AssertionError(what + " went unnoticed");
  }

  /** All a reader can learn from a segment. */
  private String contents(byte[] bytes, long claimedSize) {
    var objects = new ObjectsInMemory();
    objects.put(NAME, bytes);
    SegmentReader segment =
        SegmentFile.open(new SegmentSource(NAME, claimedSize, objects), new BlockCache(8 << 20));
    var text = new StringBuilder();
    for (int group = 0; group < segment.rowGroups(); group++) {
      int rows = segment.rowsIn(group);
      text.append(Arrays.hashCode(segment.timestamps(group, 0, rows)));
      append(segment.read(SegmentReader.KEY_COLUMN, group, 0, rows), text);
      for (SegmentColumn column : segment.columns()) {
        append(segment.read(column.columnId(), group, 0, rows), text);
        text.append(segment.zone(column.columnId(), group).nulls());
      }
    }
    text.append(segment.mayContain(key(1))).append(segment.find(key(10), Timestamp.MAX));
    return text.append(segment.lowerBound(key(25))).toString();
  }

  private static void append(Vec vec, StringBuilder text) {
    int hash = 0;
    for (int i = 0; i < vec.size(); i++) {
      Object value = vec.value(i);
      hash =
          31 * hash
              + (value instanceof byte[] b
                  ? Arrays.hashCode(b)
                  : java.util.Objects.hashCode(value));
    }
    text.append(hash).append(';');
  }

  private byte[] segment(int rows) {
    return segment(rows, OLD_SHAPES);
  }

  private byte[] segment(int rows, List<Shape> shapes) {
    return segment(rows, shapes, NAME);
  }

  private byte[] segment(int rows, List<Shape> shapes, String name) {
    var random = new Random(SEED);
    List<SegmentColumn> columns = new ArrayList<>();
    List<Vec> vecs = new ArrayList<>();
    vecs.add(keys(rows));
    int id = 1;
    for (PhysicalType type : PhysicalType.values()) {
      for (Shape shape : shapes) {
        columns.add(new SegmentColumn(id++, type));
        vecs.add(shape.vec(type, id % 2 == 0 ? Nulls.FEW : Nulls.NONE, rows, random));
      }
    }
    long[] timestamps = random.longs(rows, 1, 1L << 50).toArray();
    try (var writer = new SegmentWriter(folder.resolve("s"), columns, true)) {
      writer.append(Batch.of(vecs.toArray(Vec[]::new), rows), timestamps);
      objects.add("written", writer.finish(name).path());
      return objects.content("written");
    }
  }

  private static BytesVec keys(int rows) {
    byte[][] keys = new byte[rows][];
    Arrays.setAll(keys, i -> key(2 * i));
    return SegmentRoundTripTest.views(keys);
  }

  private static byte[] key(int i) {
    return new byte[] {0, 0, 0, 7, (byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
  }
}

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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that are not what was written give XX001 with the object's name, never other rows. */
final class SegmentCorruptionTest {
  private static final long SEED = Long.getLong("sheaf.seed", 3);
  private static final String NAME = "shards/7/000042.seg";

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

  @Test
  void everyFlippedBitIsDetected() {
    var random = new Random(SEED);
    byte[] whole = segment(70);
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      assertCorrupted(flipped, whole.length, "flipped at " + at + " of " + whole.length);
    }
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

  @Test
  void aSegmentWrittenByTheFirstVersionIsStillRead() throws IOException {
    byte[] old;
    try (var resource = getClass().getResourceAsStream("version-1.golden")) {
      old = resource.readAllBytes();
    }
    byte[] now = segment(70);
    assertThat(contents(old, old.length)).isEqualTo(contents(now, now.length));
    SegmentCheck.run(new SegmentSource(NAME, now.length, objects));
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
    var random = new Random(SEED);
    List<SegmentColumn> columns = new ArrayList<>();
    List<Vec> vecs = new ArrayList<>();
    vecs.add(keys(rows));
    int id = 1;
    for (PhysicalType type : PhysicalType.values()) {
      for (Shape shape : List.of(Shape.FEW_DISTINCT, Shape.ASCENDING, Shape.WILD)) {
        columns.add(new SegmentColumn(id++, type));
        vecs.add(shape.vec(type, id % 2 == 0 ? Nulls.FEW : Nulls.NONE, rows, random));
      }
    }
    long[] timestamps = random.longs(rows, 1, 1L << 50).toArray();
    try (var writer = new SegmentWriter(folder.resolve("s"), columns, true)) {
      writer.append(Batch.of(vecs.toArray(Vec[]::new), rows), timestamps);
      objects.add("written", writer.finish().path());
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

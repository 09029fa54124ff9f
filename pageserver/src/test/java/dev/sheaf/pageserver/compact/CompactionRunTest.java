package dev.sheaf.pageserver.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompactionRunTest {
  @TempDir Path scratch;

  private final MemoryObjectStore objects = new MemoryObjectStore();
  private final AtomicInteger names = new AtomicInteger();
  private SegmentStore store;
  private boolean canceled;

  @BeforeEach
  void create() {
    store = new SegmentStore(objects, new BlockCache(1 << 20), scratch);
  }

  /** A row: key, timestamp, value, and since when it is superseded (0: it is not). */
  private record Version(int key, long timestamp, long value, long since) {}

  private LiveSegment segment(long upTo, Version... rows) {
    byte[] bytes = new byte[rows.length];
    int[] start = new int[rows.length];
    int[] length = new int[rows.length];
    long[] values = new long[rows.length];
    long[] timestamps = new long[rows.length];
    DeleteVector deleted = DeleteVector.NONE;
    for (int i = 0; i < rows.length; i++) {
      bytes[i] = (byte) rows[i].key();
      start[i] = i;
      length[i] = 1;
      values[i] = rows[i].value();
      timestamps[i] = rows[i].timestamp();
      if (rows[i].since() > 0) {
        deleted = deleted.with(Map.of(i, rows[i].since()));
      }
    }
    var page =
        Batch.of(
            new Vec[] {
              Vec.BytesVec.of(bytes, start, length, null, rows.length),
              new LongVec(values, null, rows.length)
            },
            rows.length);
    try (SegmentDraft draft = store.draft(List.of(new SegmentColumn(2, PhysicalType.LONG)), true)) {
      draft.append(page, timestamps);
      SegmentMeta meta = draft.uploadVersions("in" + names.incrementAndGet(), 1000);
      var cut = meta.upTo(new Timestamp(upTo));
      return new LiveSegment(new Segment(names.get(), cut, store::open), deleted);
    }
  }

  private Compacted run(ReadableTimes readable, LiveSegment... inputs) {
    var settings = new CompactionSettings(4, 16, 1 << 20, 1 << 20, 1 << 20, 1, 0.4, 0.4, 8, 1);
    return new CompactionRun(store, settings, () -> "out" + names.incrementAndGet(), () -> canceled)
        .run(List.of(inputs), readable);
  }

  private List<List<Version>> rowsOf(Compacted done) {
    var all = new ArrayList<List<Version>>();
    done.outputs()
        .forEach((meta, vector) -> {
          SegmentReader reader = store.open(meta);
          int count = (int) meta.rows();
          long[] timestamps = reader.timestamps(0, 0, count);
          var values = (LongVec) reader.read(2, 0, 0, count);
          var segment = new Segment(0, meta, store::open);
          var rows = new ArrayList<Version>();
          for (int i = 0; i < count; i++) {
            long since = vector.since(i) == DeleteVector.NEVER ? 0 : vector.since(i);
            rows.add(new Version(segment.key(i)[0], timestamps[i], (Long) values.value(i), since));
          }
          all.add(rows);
        });
    return all;
  }

  @Test
  void keepsWhatReadableTimestampsSee() {
    var rows =
        new Version[] {
          new Version(1, 40, 14, 0),
          new Version(1, 30, 13, 40),
          new Version(1, 20, 12, 30),
          new Version(1, 10, 11, 20),
          new Version(2, 25, 21, 30)
        };
    // Since 30 says that 30 does not see it: only what is superseded after 30 is of the window.
    var window = new ReadableTimes(new Timestamp(30), List.of());
    assertThat(rowsOf(run(window, segment(99, rows))))
        .containsExactly(List.of(rows[0]), List.of(rows[1]));
    for (long point : new long[] {10, 19}) {
      var points = new ReadableTimes(new Timestamp(30), List.of(new Timestamp(point)));
      assertThat(rowsOf(run(points, segment(99, rows))))
          .containsExactly(List.of(rows[0]), List.of(rows[1], rows[3]));
    }
    var points = new ReadableTimes(new Timestamp(30), List.of(new Timestamp(29)));
    assertThat(rowsOf(run(points, segment(99, rows))))
        .containsExactly(List.of(rows[0]), List.of(rows[1], rows[2], rows[4]));
    assertThat(rowsOf(run(ReadableTimes.EVERYTHING, segment(99, rows))))
        .containsExactly(List.of(rows[0]), List.of(rows[1], rows[2], rows[3], rows[4]));
  }

  @Test
  void aBranchWritesWhereItsParentDid() {
    // The parent's row of 10 is beyond the branch point; the branch has one of its own at 10.
    var parents =
        segment(7, new Version(1, 10, 666, 0), new Version(1, 5, 15, 10), new Version(2, 9, 6, 0));
    var own = segment(99, new Version(1, 10, 110, 0), new Version(2, 9, 29, 0));
    for (LiveSegment[] inputs : new LiveSegment[][] {{parents, own}, {own, parents}}) {
      assertThat(rowsOf(run(ReadableTimes.EVERYTHING, inputs)))
          .containsExactly(
              List.of(new Version(1, 10, 110, 0), new Version(2, 9, 29, 0)),
              List.of(new Version(1, 5, 15, 10)));
    }
  }

  @Test
  void endsWhenItIsNotWantedAndLeavesNothing() {
    LiveSegment input = segment(99, new Version(1, 10, 1, 0));
    canceled = true;
    assertThatThrownBy(() -> run(ReadableTimes.EVERYTHING, input))
        .isInstanceOf(SheafException.class);
    assertThat(objects.list("", "", 10)).containsExactly("in1");
    assertThat(scratch).isEmptyDirectory();
  }
}

package dev.sheaf.compute.storage;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells a segment which row groups a scan is about to read, so that they come from a slow store
 * while earlier ones are worked on. The further a scan has come, the further it looks ahead: one
 * that ends after a few rows costs little. Columns that only survivors of the filter need are
 * announced once rows have survived. Thread-safe: the splits of a segment share one.
 */
final class ScanAhead {
  private static final int MAX_GROUPS_AHEAD = 4;

  private final SegmentReader reader;
  private final ZonePruner pruner;
  private final int endGroup;
  private final int[] early;
  private final int[] late;
  private final AtomicInteger entered = new AtomicInteger();

  /**
   * @param endRow of the segment, before which the scan ends
   */
  ScanAhead(
      SegmentReader reader,
      ReadColumns columns,
      ZonePruner pruner,
      @Nullable LateFilter filter,
      long endRow) {
    this.reader = reader;
    this.pruner = pruner;
    this.endGroup =
        (int) ((endRow + SegmentReader.ROW_GROUP_ROWS - 1) / SegmentReader.ROW_GROUP_ROWS);
    int[] all = columns.requests().stream().mapToInt(ColumnRequest::columnId).toArray();
    this.early = filter == null ? all : Arrays.stream(filter.columns()).map(i -> all[i]).toArray();
    this.late =
        IntStream.of(all).filter(id -> IntStream.of(early).noneMatch(e -> e == id)).toArray();
  }

  /** A split begins with this row group. */
  void entering(int group) {
    announce(early, group, Math.min(MAX_GROUPS_AHEAD, entered.getAndIncrement()));
  }

  /** Rows of the group have passed the filter; for the first time in it. */
  void survived(int group) {
    if (late.length > 0) {
      announce(late, group, Math.min(MAX_GROUPS_AHEAD, entered.get() - 1));
    }
  }

  private void announce(int[] columns, int group, int ahead) {
    reader.expect(columns, group, 0, reader.rowsIn(group));
    int left = ahead;
    for (int next = group + 1; next < endGroup && left > 0; next++) {
      if (pruner.mayMatch(reader, next)) {
        reader.expect(columns, next, 0, reader.rowsIn(next));
        left--;
      }
    }
  }
}

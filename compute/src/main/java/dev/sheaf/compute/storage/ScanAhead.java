package dev.sheaf.compute.storage;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
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
  private final int firstGroup;
  private final int endGroup;
  private final int step;
  private final int[] all;
  private final int[] early;
  private final int[] late;
  private final AtomicInteger entered = new AtomicInteger();

  /**
   * @param firstRow of the segment that the scan reads
   * @param endRow of the segment, before which the scan ends
   */
  ScanAhead(
      SegmentReader reader,
      ReadColumns columns,
      ZonePruner pruner,
      @Nullable LateFilter filter,
      @Nullable ScanOrder order,
      long firstRow,
      long endRow) {
    this.reader = reader;
    this.pruner = pruner;
    this.firstGroup = (int) (firstRow / SegmentReader.ROW_GROUP_ROWS);
    this.endGroup =
        (int) ((endRow + SegmentReader.ROW_GROUP_ROWS - 1) / SegmentReader.ROW_GROUP_ROWS);
    this.step = order != null && order.descending() ? -1 : 1;
    this.all = columns.requests().stream().mapToInt(ColumnRequest::columnId).toArray();
    this.early = filter == null ? all : Arrays.stream(filter.columns()).map(i -> all[i]).toArray();
    this.late =
        IntStream.of(all).filter(id -> IntStream.of(early).noneMatch(e -> e == id)).toArray();
  }

  /** Just these rows: there may be no need for more. */
  void reading(int group, int from, int count) {
    reader.expect(all, group, from, count);
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
    for (int next = group + step; next >= firstGroup && next < endGroup && left > 0; next += step) {
      if (pruner.mayMatch(reader, next)) {
        reader.expect(columns, next, 0, reader.rowsIn(next));
        left--;
      }
    }
  }
}

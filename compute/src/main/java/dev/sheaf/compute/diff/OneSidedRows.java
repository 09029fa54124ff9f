package dev.sheaf.compute.diff;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a segment that only one side shows, in key order. */
final class OneSidedRows implements BatchSource {
  private static final int WINDOW_ROWS = 1024;

  private final SegmentReader reader;
  private final OneSided rows;
  private final List<ColumnRequest> columns;
  private final int[] columnIds;
  private final Runnable alive;
  private long row;
  private long end;

  /** Of the rows {@code [row, end)}. */
  OneSidedRows(
      SegmentReader reader,
      OneSided rows,
      List<ColumnRequest> columns,
      long row,
      long end,
      Runnable alive) {
    this.reader = reader;
    this.rows = rows;
    this.columns = columns;
    this.columnIds = columns.stream().mapToInt(ColumnRequest::columnId).toArray();
    this.row = row;
    this.end = end;
    this.alive = alive;
  }

  @Override
  public @Nullable Batch next() {
    while (row < end) {
      alive.run();
      long start = rows.nextCandidate(row, end);
      if (start == end) {
        row = end;
        return null;
      }
      int group = (int) (start / SegmentReader.ROW_GROUP_ROWS);
      long groupStart = (long) group * SegmentReader.ROW_GROUP_ROWS;
      long window = Math.min(start + WINDOW_ROWS, groupStart + reader.rowsIn(group));
      long stop = rows.shortened(Math.min(end, window));
      row = stop;
      int from = (int) (start - groupStart);
      int count = (int) (stop - start);
      int[] selection = rows.select(reader, group, from, count);
      if (selection.length > 0) {
        // All columns' pages side by side.
        reader.expect(columnIds, group, from, count);
        Vec[] vectors = new Vec[columns.size()];
        for (int i = 0; i < vectors.length; i++) {
          vectors[i] = read(columns.get(i), group, from, count);
        }
        return new Batch(vectors, count, selection, selection.length);
      }
    }
    return null;
  }

  private Vec read(ColumnRequest column, int group, int from, int count) {
    return column.columnId() == ColumnRequest.KEY_COLUMN || reader.hasColumn(column.columnId())
        ? reader.read(column.columnId(), group, from, count)
        : Vectors.constant(column.type(), column.missingValue(), count);
  }

  @Override
  public void close() {
    row = end;
  }
}

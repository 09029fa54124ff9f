package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.protocol.Timestamp;
import java.util.List;
import java.util.Map;

/**
 * What a segment says about itself; enough to prune it and to find any page. Immutable.
 *
 * @param columns the table's columns, ascending
 * @param byId all columns, pseudo ones included
 * @param fences first key of each key page
 */
record SegmentIndex(
    long rowCount,
    boolean hasTimestamps,
    Timestamp minTimestamp,
    Timestamp maxTimestamp,
    byte[] maxKey,
    List<SegmentColumn> columns,
    Map<Integer, ColumnIndex> byId,
    byte[][] fences) {

  /** A column that the segment is known to have. */
  ColumnIndex column(int columnId) {
    ColumnIndex column = byId.get(columnId);
    if (column == null) {
      throw new IndexOutOfBoundsException("no column " + columnId);
    }
    return column;
  }

  int groups() {
    return groups(rowCount);
  }

  static int groups(long rows) {
    return Math.toIntExact(
        (rows + SegmentReader.ROW_GROUP_ROWS - 1) / SegmentReader.ROW_GROUP_ROWS);
  }

  int rowsIn(int group) {
    long left = rowCount - (long) group * SegmentReader.ROW_GROUP_ROWS;
    return (int) Math.min(left, SegmentReader.ROW_GROUP_ROWS);
  }
}

package dev.sheaf.columnar.segment;

/**
 * The pages {@code [first, last]} of a column that hold some rows.
 *
 * @param endOfRead page before which a read for them may go on: a scan wants the rest of its row
 *     group, too
 */
record PageSpan(int first, int last, int endOfRead) {

  /** The pages of {@code count}, at least one, rows from row {@code from} of the group. */
  static PageSpan of(ColumnIndex column, int group, int from, int count) {
    long row = (long) group * SegmentReader.ROW_GROUP_ROWS + from;
    int first = column.pageOf(row);
    int last = column.pageOf(row + count - 1);
    boolean scan = last > first || count == column.rows(first);
    return new PageSpan(first, last, scan ? column.endPage(group) : last + 1);
  }
}

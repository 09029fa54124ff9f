package dev.sheaf.columnar.segment;

/**
 * Pages {@code [from, end)} of a column, at least one: they lie one behind the other in the file.
 */
record PageRun(ColumnIndex column, int from, int end) {

  long offset() {
    return column.offset(from);
  }

  long endOffset() {
    return column.offset(end);
  }

  int pages() {
    return end - from;
  }
}

package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;

/**
 * Live rows {@code from .. from + count} of a batch.
 *
 * @param from index among the live rows, not a physical row
 */
record RowRange(Batch batch, int from, int count) {

  /** Physical rows lie one after the other: a column's values can be copied as they are. */
  boolean isContiguous() {
    return batch.selection() == null;
  }

  /** Physical row of the i-th row of the range. */
  int row(int i) {
    return batch.row(from + i);
  }

  Vec column(int i) {
    return batch.column(i);
  }
}

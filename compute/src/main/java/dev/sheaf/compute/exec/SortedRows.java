package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import java.util.Arrays;
import java.util.List;

/** Rows in the order of some keys, and which key is the first to change from row to row. */
final class SortedRows {
  private final Batch rows;
  private final int[] order;

  /** Of each position: the first key that differs from the row before; number of keys = none. */
  private final short[] changes;

  private SortedRows(Batch rows, int[] order, short[] changes) {
    this.rows = rows;
    this.order = order;
    this.changes = changes;
  }

  /**
   * Sorts.
   *
   * @param rows dense
   * @param keys at most 32767, of which a window has far fewer; none = the rows stay as they are
   */
  static SortedRows of(Batch rows, List<SortKey> keys, Execution execution, Reservation memory) {
    if (keys.isEmpty()) {
      return inOrder(rows, keys, execution, memory);
    }
    memory.add(RowSorter.workBytes(rows.rows()));
    return ofReserved(rows, keys, execution, memory);
  }

  /** As {@link #of}, by at least one key, with the memory for sorting taken by the caller. */
  static SortedRows ofReserved(
      Batch rows, List<SortKey> keys, Execution execution, Reservation memory) {
    int[] order = RowSorter.sort(rows, new SortOrder(keys), execution);
    memory.remove(RowSorter.workBytes(order.length) - 4L * order.length);
    return new SortedRows(rows, order, changes(rows, order, keys, execution, memory));
  }

  /** Of rows that come in the order of the keys. */
  static SortedRows inOrder(
      Batch rows, List<SortKey> keys, Execution execution, Reservation memory) {
    memory.add(4L * rows.rows());
    int[] order = new int[rows.rows()];
    Arrays.setAll(order, i -> i);
    return new SortedRows(rows, order, changes(rows, order, keys, execution, memory));
  }

  private static short[] changes(
      Batch rows, int[] order, List<SortKey> keys, Execution execution, Reservation memory) {
    memory.add(2L * order.length);
    short[] changes = new short[order.length];
    Arrays.fill(changes, (short) keys.size());
    for (int k = 0; k < keys.size(); k++) {
      execution.check();
      note(rows.column(keys.get(k).column()), k, keys.size(), order, changes);
    }
    if (changes.length > 0) {
      changes[0] = -1;
    }
    return changes;
  }

  private static void note(Vec vec, int key, int none, int[] order, short[] changes) {
    for (int p = 1; p < order.length; p++) {
      if (changes[p] == none && differ(vec, order[p - 1], order[p])) {
        changes[p] = (short) key;
      }
    }
  }

  private static boolean differ(Vec vec, int i, int j) {
    boolean iNull = vec.isNull(i);
    boolean jNull = vec.isNull(j);
    return iNull || jNull ? iNull != jNull : ValueOrder.compare(vec, i, vec, j) != 0;
  }

  int size() {
    return order.length;
  }

  Vec column(int c) {
    return rows.column(c);
  }

  /** The rows as they lie in the columns. */
  Batch rows() {
    return rows;
  }

  /** Where the row at a position lies in the columns. */
  int row(int position) {
    return order[position];
  }

  /** Whether the row is the first, or differs from the one before in one of the first keys. */
  boolean begins(int position, int keys) {
    return changes[position] < keys;
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;

/**
 * A range of sorted rows that has all rows of the partitions in it. Positions of its rows count
 * from 0. One thread.
 */
final class WindowSection {
  private final SortedRows rows;
  private final int from;
  private final int size;
  private final Execution execution;
  private final Reservation memory;

  WindowSection(SortedRows rows, int from, int to, Execution execution, Reservation memory) {
    this.rows = rows;
    this.from = from;
    this.size = to - from;
    this.execution = execution;
    this.memory = memory;
  }

  int size() {
    return size;
  }

  Vec column(int c) {
    return rows.column(c);
  }

  /** Where the row at a position lies in the columns. */
  int row(int position) {
    return rows.row(from + position);
  }

  boolean begins(int position, int keys) {
    return rows.begins(from + position, keys);
  }

  Execution execution() {
    return execution;
  }

  Reservation memory() {
    return memory;
  }

  /** One number per row; its memory is the section's. */
  int[] ints() {
    memory.add(4L * size);
    return new int[size];
  }
}

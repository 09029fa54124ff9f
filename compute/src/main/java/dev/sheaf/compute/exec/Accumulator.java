package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate's state for all groups, columnar. Rows with a NULL argument never get here. One
 * thread.
 */
interface Accumulator {
  /** Makes room for groups 0 to {@code groups - 1}; new ones begin empty. */
  void ensure(int groups);

  /**
   * Adds values: {@code vec[rows[k]]} to group {@code groups[k]}.
   *
   * @param vec the argument; null for COUNT(*)
   * @param rows null = rows 0 to n - 1
   * @param groups null = all to group 0
   */
  void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n);

  /**
   * Adds rows of any number of columns: the arguments, then what the call orders by.
   *
   * @param columns those of {@link dev.sheaf.compute.plan.PlanNode.AggregateCall#columns}
   */
  default void addAll(Vec[] columns, int @Nullable [] rows, int @Nullable [] groups, int n) {
    add(columns.length == 0 ? null : columns[0], rows, groups, n);
  }

  /** Whether {@link #addRuns} can be called and is faster. */
  default boolean prefersRuns() {
    return false;
  }

  /** As {@link #addAll}, of rows sorted by their groups. */
  default void addRuns(Vec[] columns, GroupRuns runs) {
    throw new UnsupportedOperationException();
  }

  /** Adds the other's group {@code from[k]} to group {@code to[k]}; the other is of equal kind. */
  void merge(Accumulator other, int[] from, int[] to, int n);

  /** Called once, after the last row was added and before the first result is asked for. */
  default void finish(Execution execution) {}

  /** The results of these groups. Threads may ask for those of different groups at once. */
  Vec result(int[] groups, int n);
}

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

  /** Adds the other's group {@code from[k]} to group {@code to[k]}; the other is of equal kind. */
  void merge(Accumulator other, int[] from, int[] to, int n);

  /** The results of these groups. */
  Vec result(int[] groups, int n);
}

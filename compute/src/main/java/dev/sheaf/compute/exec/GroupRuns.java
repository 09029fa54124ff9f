package dev.sheaf.compute.exec;

import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch sorted by their groups, of which there are few: an aggregate then keeps one
 * group's state in registers over all of its rows. One thread; valid until it is filled again.
 */
final class GroupRuns {
  /** Groups up to which sorting the rows pays. */
  static final int MAX_GROUPS = 32;

  private final int[] begins = new int[MAX_GROUPS + 1];
  private int[] rows = new int[0];
  private int size;

  /** Rows of groups {@code of[k] < size}; within a group in the order of the batch. */
  void fill(int[] of, int @Nullable [] selection, int n, int numberOfGroups) {
    if (rows.length < n) {
      rows = new int[n];
    }
    size = numberOfGroups;
    int[] next = new int[MAX_GROUPS + 1];
    for (int k = 0; k < n; k++) {
      next[of[k] + 1]++;
    }
    for (int g = 0; g < size; g++) {
      next[g + 1] += next[g];
    }
    System.arraycopy(next, 0, begins, 0, size + 1);
    int[] out = rows;
    for (int k = 0; k < n; k++) {
      out[next[of[k]]++] = selection == null ? k : selection[k];
    }
  }

  /** Number of groups. */
  int size() {
    return size;
  }

  int[] rows() {
    return rows;
  }

  /** Where the rows of a group begin; those of the last end at {@code begin(size())}. */
  int begin(int group) {
    return begins[group];
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** SINGLE_VALUE: at most one row per group, NULLs included. */
final class SingleValue implements Accumulator {
  private final Accumulator value;
  private final Reservation memory;
  private byte[] seen = new byte[0];

  SingleValue(Accumulator value, Reservation memory) {
    this.value = value;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    seen = memory.grow(seen, groups);
    value.ensure(groups);
  }

  /** Unlike others this one is given the rows with NULL too. */
  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    Vec in = Objects.requireNonNull(vec);
    int[] present = new int[n];
    int[] presentGroups = new int[n];
    int m = 0;
    for (int k = 0; k < n; k++) {
      int group = groups == null ? 0 : groups[k];
      see(group);
      int row = rows == null ? k : rows[k];
      if (!in.isNull(row)) {
        present[m] = row;
        presentGroups[m++] = group;
      }
    }
    value.add(in, present, presentGroups, m);
  }

  private void see(int group) {
    if (seen[group] != 0) {
      throw new SheafException(
          ErrorCode.CARDINALITY_VIOLATION,
          "more than one row returned by a subquery used as an expression");
    }
    seen[group] = 1;
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    SingleValue in = (SingleValue) other;
    for (int k = 0; k < n; k++) {
      if (in.seen[from[k]] != 0) {
        see(to[k]);
      }
    }
    value.merge(in.value, from, to, n);
  }

  @Override
  public Vec result(int[] groups, int n) {
    return value.result(groups, n);
  }
}

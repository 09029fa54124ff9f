package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over distinct values: a table of (group, value) pairs lets each through once.
 * Merging offers the other's pairs again.
 */
final class DistinctAccumulator implements Accumulator {
  private final Accumulator inner;
  private final KeyEncoder encoder;
  private final GroupTable pairs;
  private int[] numbers = new int[0];

  DistinctAccumulator(Accumulator inner, PhysicalType type, Reservation memory) {
    this.inner = inner;
    this.encoder =
        KeyEncoder.adding(KeyLayout.of(new PhysicalType[] {PhysicalType.INT, type}, false), memory);
    this.pairs = new GroupTable(encoder.layout().words(), memory);
  }

  @Override
  public void ensure(int groups) {
    inner.ensure(groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    Vec values = Objects.requireNonNull(vec);
    int[] groupOfRow = new int[values.size()];
    for (int k = 0; k < n; k++) {
      groupOfRow[rows == null ? k : rows[k]] = groups == null ? 0 : groups[k];
    }
    Vec[] columns = {new Vec.IntVec(groupOfRow, null, values.size()), values};
    Batch all = new Batch(columns, values.size(), rows, n);
    encoder.encode(all, new int[] {0, 1});
    if (numbers.length < n) {
      numbers = new int[n];
    }
    int known = pairs.size();
    pairs.assign(encoder.words(), encoder.hashes(), n, numbers);
    int[] newRows = new int[pairs.size() - known];
    int[] newGroups = new int[newRows.length];
    int m = 0;
    for (int k = 0; k < n && m < newRows.length; k++) {
      // New pairs are numbered in the order in which they first occur.
      if (numbers[k] == known + m) {
        newRows[m] = rows == null ? k : rows[k];
        newGroups[m++] = groups == null ? 0 : groups[k];
      }
    }
    inner.add(values, newRows, newGroups, m);
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    DistinctAccumulator in = (DistinctAccumulator) other;
    int groups = 0;
    for (int k = 0; k < n; k++) {
      groups = Math.max(groups, from[k] + 1);
    }
    int[] target = new int[groups];
    java.util.Arrays.fill(target, -1);
    for (int k = 0; k < n; k++) {
      target[from[k]] = to[k];
    }
    int stride = in.encoder.layout().words();
    int[] chunk = new int[Batch.MAX_ROWS];
    int[] toGroups = new int[Batch.MAX_ROWS];
    int filled = 0;
    for (int pair = 0; pair < in.pairs.size(); pair++) {
      int group = (int) in.pairs.keys()[pair * stride];
      if (group < groups && target[group] >= 0) {
        chunk[filled] = pair;
        toGroups[filled++] = target[group];
      }
      if (filled == chunk.length || pair == in.pairs.size() - 1) {
        add(in.encoder.decode(1, in.pairs.keys(), chunk, filled), null, toGroups, filled);
        filled = 0;
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    return inner.result(groups, n);
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over distinct values: a table of groups with a value, or one of each argument, lets
 * each through once. Merging offers the other's values again.
 */
final class DistinctAccumulator implements Accumulator {
  private final Accumulator inner;
  private final KeyEncoder encoder;
  private final GroupTable pairs;
  private final int[] keys;
  private int[] numbers = new int[0];

  /**
   * @param arguments their types; NULL can occur in all but the first
   */
  DistinctAccumulator(Accumulator inner, PhysicalType[] arguments, Reservation memory) {
    this.inner = inner;
    PhysicalType[] types = new PhysicalType[arguments.length + 1];
    types[0] = PhysicalType.INT;
    System.arraycopy(arguments, 0, types, 1, arguments.length);
    this.keys = IntStream.range(0, types.length).toArray();
    this.encoder = KeyEncoder.adding(KeyLayout.of(types, arguments.length > 1), memory);
    this.pairs = new GroupTable(encoder.layout().words(), memory);
  }

  @Override
  public void ensure(int groups) {
    inner.ensure(groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    addAll(new Vec[] {Objects.requireNonNull(vec)}, rows, groups, n);
  }

  @Override
  public void addAll(Vec[] arguments, int @Nullable [] rows, int @Nullable [] groups, int n) {
    Vec values = arguments[0];
    int[] groupOfRow = new int[values.size()];
    for (int k = 0; k < n; k++) {
      groupOfRow[rows == null ? k : rows[k]] = groups == null ? 0 : groups[k];
    }
    Vec[] columns = new Vec[keys.length];
    columns[0] = new Vec.IntVec(groupOfRow, null, values.size());
    System.arraycopy(arguments, 0, columns, 1, keys.length - 1);
    Batch all = new Batch(columns, values.size(), rows, n);
    encoder.encode(all, keys);
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
    inner.addAll(arguments, newRows, newGroups, m);
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
        Vec[] arguments = new Vec[keys.length - 1];
        for (int c = 0; c < arguments.length; c++) {
          arguments[c] = in.encoder.decode(c + 1, in.pairs.keys(), chunk, filled);
        }
        addAll(arguments, null, toGroups, filled);
        filled = 0;
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    return inner.result(groups, n);
  }
}

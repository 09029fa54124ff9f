package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.Field;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates of frames, by accumulators whose groups are pieces of the section. One thread.
 *
 * <ul>
 *   <li>Frames that only grow: a group for what each adds to the one before, then running merges.
 *   <li>Counts and exact sums: a group for the rows up to each, of which two differ by a frame.
 *   <li>Others: a {@link FrameTree}; but texts are joined once, and any value is that of a row.
 * </ul>
 */
final class FrameAggregate {
  private final AggregateCall call;
  private final List<Field> input;
  private final FrameBounds bounds;
  private final PeerGroups groups;
  private final WindowSection section;

  /**
   * @param input the columns that the window is over
   */
  FrameAggregate(
      AggregateCall call,
      List<Field> input,
      FrameBounds bounds,
      PeerGroups groups,
      WindowSection section) {
    this.call = call;
    this.input = input;
    this.bounds = bounds;
    this.groups = groups;
    this.section = section;
  }

  WindowColumn column() {
    int[] passing = passing();
    if (call.fn() == AggregateFn.STRING_AGG) {
      return new FrameTexts(call, passing, bounds, section);
    }
    if (call.fn() == AggregateFn.ANY_VALUE) {
      return ValueColumns.firstOf(section.column(call.argument()), passing, bounds, section);
    }
    Accumulator all = accumulator(section.memory());
    // The state of a sketch is large: not one for each step.
    if (bounds.onlyGrow()
        && (call.fn() != AggregateFn.APPROX_COUNT_DISTINCT || bounds.areWhole())) {
      return growing(all, passing);
    }
    return all instanceof ReversibleAccumulator
        ? differences(all, passing)
        : new FrameTree(all, passing, this::addRows, this::accumulator, bounds, section);
  }

  private Accumulator accumulator(Reservation memory) {
    return Accumulators.of(call, input, memory);
  }

  /** The rows that count: those that pass the filter and have an argument. */
  private int[] passing() {
    int[] out = section.ints();
    Vec argument = argument(0);
    Vec second = call.fn().isOfPairs() ? argument(1) : null;
    BoolVec filter = call.filter() < 0 ? null : (BoolVec) section.column(call.filter());
    int n = 0;
    for (int i = 0; i < out.length; i++) {
      int row = section.row(i);
      boolean passes =
          (argument == null || !argument.isNull(row))
              && (second == null || !second.isNull(row))
              && (filter == null || (!filter.isNull(row) && filter.values()[row] != 0));
      out[n] = i;
      n += passes ? 1 : 0;
    }
    return n == out.length ? out : Arrays.copyOf(out, n);
  }

  private @Nullable Vec argument(int index) {
    List<Integer> columns = call.columns();
    return index < columns.size() ? section.column(columns.get(index)) : null;
  }

  /** Adds rows to groups: row {@code rows[k]} to {@code groupOf[rows[k]] + shift}. */
  private void addRows(Accumulator into, int[] rows, int @Nullable [] groupOf, int shift) {
    int[] at = new int[Batch.MAX_ROWS];
    int[] to = new int[Batch.MAX_ROWS];
    Vec[] arguments = call.columns().stream().map(section::column).toArray(Vec[]::new);
    for (int from = 0; from < rows.length; from += at.length) {
      section.execution().check();
      int count = Math.min(at.length, rows.length - from);
      int m = 0;
      for (int k = 0; k < count; k++) {
        int row = rows[from + k];
        int group = groupOf == null ? row : groupOf[row];
        at[m] = section.row(row);
        to[m] = group + shift;
        m += group >= 0 ? 1 : 0;
      }
      into.addAll(arguments, at, to, m);
    }
  }

  private WindowColumn growing(Accumulator all, int[] passing) {
    int n = section.size();
    // Of each row the step at which its frame is complete, and at which frames have got it.
    int[] complete = section.ints();
    int[] entered = section.ints();
    Arrays.fill(entered, -1);
    var firsts = new BitSet();
    int steps = 0;
    int end = 0;
    for (int i = 0; i < n; i++) {
      boolean first = groups.partitionStart()[i] == i;
      if (first) {
        end = i;
        firsts.set(steps);
      }
      if (first || bounds.end(i) > end) {
        Arrays.fill(entered, end, bounds.end(i), steps);
        end = bounds.end(i);
        steps++;
      }
      complete[i] = steps - 1;
    }
    all.ensure(Math.max(1, steps));
    addRows(all, passing, entered, 0);
    carry(all, steps, firsts);
    return (from, count) -> all.result(Arrays.copyOfRange(complete, from, from + count), count);
  }

  /** Merges each group into the next, unless that is the first of something. */
  private void carry(Accumulator all, int size, BitSet firsts) {
    int[] from = new int[Batch.MAX_ROWS];
    int[] to = new int[Batch.MAX_ROWS];
    int n = 0;
    for (int g = 1; g <= size; g++) {
      if (n == from.length || (g == size && n > 0)) {
        section.execution().check();
        all.merge(all, from, to, n);
        n = 0;
      }
      if (g < size && !firsts.get(g)) {
        from[n] = g - 1;
        to[n++] = g;
      }
    }
  }

  private WindowColumn differences(Accumulator all, int[] passing) {
    int n = section.size();
    all.ensure(n + 1);
    addRows(all, passing, null, 1);
    carry(all, n + 1, new BitSet());
    int[] ranges = new int[2 * FrameBounds.MAX_RANGES];
    return (from, count) -> {
      int[] less = new int[FrameBounds.MAX_RANGES * count];
      int[] more = new int[less.length];
      int[] to = new int[less.length];
      int m = 0;
      for (int k = 0; k < count; k++) {
        int found = bounds.ranges(from + k, ranges);
        for (int r = 0; r < found; r++) {
          less[m] = ranges[2 * r];
          more[m] = ranges[2 * r + 1];
          to[m++] = k;
        }
      }
      try (Reservation scratch = section.execution().reservation()) {
        var out = (ReversibleAccumulator) accumulator(scratch);
        out.ensure(count);
        out.merge(all, more, to, m);
        out.unmerge(all, less, to, m);
        int[] each = new int[count];
        Arrays.setAll(each, k -> k);
        return out.result(each, count);
      }
    };
  }
}

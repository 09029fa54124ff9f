package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PERCENTILE_CONT, PERCENTILE_DISC and MODE: looks at places of each group's sorted values. */
final class OrderedSet extends SortedInput {
  private final AggregateFn fn;
  private final @Nullable Double fraction;
  private Batch rows = Batch.of(new Vec[0], 0);
  private int[] sorted = new int[0];

  /** Where each group's rows begin among the sorted ones, and how many there are. */
  private int[] starts = new int[0];

  private int[] counts = new int[0];

  OrderedSet(AggregateCall call, List<Field> input, Reservation memory) {
    super(call, input, memory);
    this.fn = call.fn();
    this.fraction = (Double) call.extra();
  }

  @Override
  public void ensure(int groups) {
    starts = memory().grow(starts, groups);
    counts = memory().grow(counts, groups);
  }

  @Override
  void sorted(Batch batch, int[] order, Execution execution) {
    rows = batch;
    sorted = order;
    int[] groups = ((IntVec) batch.column(0)).values();
    for (int at = 0; at < order.length; at++) {
      int group = groups[order[at]];
      if (counts[group]++ == 0) {
        starts[group] = at;
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    int[] first = new int[n];
    int[] second = new int[n];
    double[] shares = new double[n];
    for (int k = 0; k < n; k++) {
      int group = groups[k];
      double at = place(group);
      first[k] = at < 0 ? -1 : sorted[starts[group] + (int) at];
      second[k] = at < 0 ? -1 : sorted[starts[group] + (int) Math.ceil(at)];
      shares[k] = at - Math.floor(at);
    }
    Vec low = Gather.takeOrNull(rows.column(1), first, n);
    return fn == AggregateFn.PERCENTILE_CONT
        ? between(low, Gather.takeOrNull(rows.column(1), second, n), shares, n)
        : low;
  }

  /** The place of the result among the group's values, perhaps between two; -1 = NULL. */
  private double place(int group) {
    if (fn == AggregateFn.MODE) {
      return mode(group);
    }
    @Nullable Double wanted = fraction == null ? given(group) : fraction;
    if (wanted == null) {
      return -1;
    }
    if (!(wanted >= 0 && wanted <= 1)) {
      throw new SheafException(
          ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE,
          "percentile value " + wanted + " is not between 0 and 1");
    }
    int count = counts[group];
    if (count == 0) {
      return -1;
    }
    return fn == AggregateFn.PERCENTILE_CONT
        ? wanted * (count - 1)
        : Math.max(0, Math.ceil(wanted * count) - 1);
  }

  /** The fraction that a column says, the same in all rows of a group. */
  private @Nullable Double given(int group) {
    return counts[group] == 0 ? null : (Double) rows.column(2).value(sorted[starts[group]]);
  }

  private int mode(int group) {
    Vec values = rows.column(1);
    int best = -1;
    int most = 0;
    int begin = 0;
    for (int at = 0; at < counts[group]; at++) {
      int row = sorted[starts[group] + at];
      if (ValueOrder.compare(values, row, values, sorted[starts[group] + begin]) != 0) {
        begin = at;
      }
      if (at - begin + 1 > most) {
        most = at - begin + 1;
        best = begin;
      }
    }
    return best;
  }

  private static Vec between(Vec low, Vec high, double[] shares, int n) {
    long[] validity = Validity.allValid(n);
    double[] doubles = new double[n];
    long[] longs = new long[n];
    for (int k = 0; k < n; k++) {
      if (low.isNull(k)) {
        Validity.setNull(validity, k);
      } else if (low instanceof DoubleVec a && high instanceof DoubleVec b) {
        double from = a.values()[k];
        double to = b.values()[k];
        doubles[k] = shares[k] == 0 ? from : from + shares[k] * (to - from);
      } else if (low instanceof LongVec a && high instanceof LongVec b) {
        long from = a.values()[k];
        longs[k] = from + Math.round(shares[k] * (b.values()[k] - from));
      }
    }
    return low instanceof DoubleVec
        ? new DoubleVec(doubles, validity, n)
        : new LongVec(longs, validity, n);
  }
}

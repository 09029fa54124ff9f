package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.Field;
import java.util.Arrays;
import java.util.List;

/** An aggregate with ORDER BY: hands its rows to a plain one in that order. */
final class OrderedAggregate extends SortedInput {
  private final Accumulator inner;

  OrderedAggregate(Accumulator inner, AggregateCall call, List<Field> input, Reservation memory) {
    super(call, input, memory);
    this.inner = inner;
  }

  @Override
  public void ensure(int groups) {
    inner.ensure(groups);
  }

  @Override
  void sorted(Batch rows, int[] sorted, Execution execution) {
    for (int from = 0; from < sorted.length; from += Batch.MAX_ROWS) {
      execution.check();
      int n = Math.min(Batch.MAX_ROWS, sorted.length - from);
      int[] chunk = Arrays.copyOfRange(sorted, from, from + n);
      Vec[] columns = new Vec[arguments()];
      for (int c = 0; c < columns.length; c++) {
        columns[c] = Gather.take(rows.column(c + 1), chunk, n);
      }
      int[] groups = ((IntVec) Gather.take(rows.column(0), chunk, n)).values();
      inner.addAll(columns, null, groups, n);
    }
    release(sorted.length);
  }

  @Override
  public Vec result(int[] groups, int n) {
    return inner.result(groups, n);
  }
}

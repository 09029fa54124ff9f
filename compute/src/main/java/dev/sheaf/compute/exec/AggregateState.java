package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Groups and their aggregates as far as one worker has seen rows. One thread. */
final class AggregateState {
  private final List<AggregateCall> calls;
  private final int[] groupBy;
  private final KeyEncoder encoder;
  private final GroupTable table;
  private final CodedKeys codedKeys = new CodedKeys();
  private final Accumulator[] accumulators;
  private int[] groups = new int[Batch.MAX_ROWS];
  private int ensured;

  AggregateState(PlanNode.Aggregate node, Reservation memory) {
    this.calls = node.aggregates();
    this.groupBy = node.groupBy().stream().mapToInt(Integer::intValue).toArray();
    var input = node.input().output();
    PhysicalType[] types = new PhysicalType[groupBy.length];
    for (int c = 0; c < types.length; c++) {
      types[c] = input.get(groupBy[c]).type().physical();
    }
    this.encoder = KeyEncoder.adding(KeyLayout.of(types, true), memory);
    this.table = new GroupTable(encoder.layout().words(), memory);
    this.accumulators = new Accumulator[calls.size()];
    for (int a = 0; a < accumulators.length; a++) {
      int argument = calls.get(a).argument();
      SqlType type = argument < 0 ? SqlType.BIGINT : input.get(argument).type();
      ExactSum twin = twinOf(a);
      accumulators[a] =
          twin == null
              ? Accumulators.of(calls.get(a), type, memory)
              : twin.finishedAs(calls.get(a).fn() == AggregateFn.AVG, calls.get(a).type());
    }
    if (isGlobal()) {
      ensure(1);
    }
  }

  /** An earlier sum over the same values, which SUM and AVG can share. */
  private @Nullable ExactSum twinOf(int a) {
    AggregateCall call = calls.get(a);
    for (int earlier = 0; earlier < a; earlier++) {
      AggregateCall other = calls.get(earlier);
      if ((call.fn() == AggregateFn.SUM || call.fn() == AggregateFn.AVG)
          && accumulators[earlier] instanceof ExactSum sum
          && other.argument() == call.argument()
          && other.filter() == call.filter()
          && !call.distinct()) {
        return sum;
      }
    }
    return null;
  }

  private boolean isGlobal() {
    return groupBy.length == 0;
  }

  int size() {
    return isGlobal() ? 1 : table.size();
  }

  private void ensure(int size) {
    if (size > ensured) {
      // Room ahead, so that accumulators are asked rarely.
      ensured = Math.max(size, Math.min(ensured * 2, 1 << 28));
      for (Accumulator accumulator : accumulators) {
        accumulator.ensure(ensured);
      }
    }
  }

  void consume(Batch batch) {
    int[] of = null;
    if (!isGlobal()) {
      of = assign(batch);
    }
    for (int a = 0; a < accumulators.length; a++) {
      accumulate(a, batch, of);
    }
  }

  private int[] assign(Batch batch) {
    if (groups.length < batch.selected()) {
      groups = new int[batch.selected()];
    }
    if (codedKeys.encode(batch, groupBy)) {
      assignByCode(batch);
    } else {
      encoder.encode(batch, groupBy);
      table.assign(encoder.words(), encoder.hashes(), batch.selected(), groups);
    }
    ensure(table.size());
    return groups;
  }

  /** Hashes only the first row of each combination of codes. */
  private void assignByCode(Batch batch) {
    int[] combined = codedKeys.combined();
    int[] known = codedKeys.groupOfCombination();
    int[] one = new int[1];
    for (int k = 0; k < batch.selected(); k++) {
      int group = known[combined[k]];
      if (group < 0) {
        encoder.encode(batch.select(new int[] {batch.row(k)}, 1), groupBy);
        table.assign(encoder.words(), encoder.hashes(), 1, one);
        group = one[0];
        known[combined[k]] = group;
      }
      groups[k] = group;
    }
  }

  private void accumulate(int a, Batch batch, int @Nullable [] of) {
    AggregateCall call = calls.get(a);
    Vec argument = call.argument() < 0 ? null : batch.column(call.argument());
    long @Nullable [] nulls =
        argument == null || call.fn() == AggregateFn.SINGLE_VALUE ? null : argument.validity();
    int[] selection = batch.selection();
    int n = batch.selected();
    if (call.filter() < 0 && nulls == null) {
      accumulators[a].add(argument, selection, of, n);
      return;
    }
    int[] positions = new int[n];
    int m = n;
    for (int k = 0; k < n; k++) {
      positions[k] = selection == null ? k : selection[k];
    }
    m = Selections.dropNulls(nulls, positions, m);
    if (call.filter() >= 0) {
      BoolVec filter = (BoolVec) batch.column(call.filter());
      int[] passed = new int[m];
      m = Selections.isTrue(filter.values(), positions, m, passed);
      m = Selections.dropNulls(filter.validity(), passed, m);
      positions = passed;
    }
    accumulators[a].add(
        argument, positions, of == null ? null : narrowed(of, batch, positions, m), m);
  }

  /** The groups of the rows that are left: both lists ascend. */
  private static int[] narrowed(int[] of, Batch batch, int[] rows, int count) {
    int[] out = new int[count];
    int[] selection = batch.selection();
    int k = 0;
    for (int m = 0; m < count; m++) {
      if (selection == null) {
        out[m] = of[rows[m]];
      } else {
        while (selection[k] != rows[m]) {
          k++;
        }
        out[m] = of[k];
      }
    }
    return out;
  }

  /** Partition of a group by the top bits of its hash. */
  private int partition(int group, int bits) {
    return bits == 0 ? 0 : (int) (table.hashes()[group] >>> (64 - bits));
  }

  /** Adds the other's groups of one of 2^bits partitions. */
  void merge(AggregateState other, int partition, int bits) {
    if (isGlobal()) {
      int[] zero = {0};
      for (int a = 0; a < accumulators.length; a++) {
        accumulators[a].merge(other.accumulators[a], zero, zero, 1);
      }
      return;
    }
    // Distinct sets of a group are merged as a whole, so groups are not split into chunks for them.
    int[] from = new int[other.table.size()];
    int n = 0;
    for (int group = 0; group < from.length; group++) {
      if (other.partition(group, bits) == partition) {
        from[n++] = group;
      }
    }
    int[] to = new int[n];
    for (int begin = 0; begin < n; begin += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, n - begin);
      int[] chunk = java.util.Arrays.copyOfRange(from, begin, begin + count);
      Vec[] keys = other.keys(chunk, count);
      int[] all = new int[keys.length];
      for (int c = 0; c < all.length; c++) {
        all[c] = c;
      }
      encoder.encode(Batch.of(keys, count), all);
      table.assign(encoder.words(), encoder.hashes(), count, groups);
      System.arraycopy(groups, 0, to, begin, count);
    }
    ensure(table.size());
    for (int a = 0; a < accumulators.length; a++) {
      accumulators[a].merge(other.accumulators[a], from, to, n);
    }
  }

  private Vec[] keys(int[] of, int count) {
    Vec[] out = new Vec[groupBy.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = encoder.decode(c, table.keys(), of, count);
    }
    return out;
  }

  /** Output rows of groups {@code from} to {@code from + count}. */
  Batch output(int from, int count) {
    int[] of = new int[count];
    for (int k = 0; k < count; k++) {
      of[k] = from + k;
    }
    Vec[] out = java.util.Arrays.copyOf(keys(of, count), groupBy.length + accumulators.length);
    for (int a = 0; a < accumulators.length; a++) {
      out[groupBy.length + a] = accumulators[a].result(of, count);
    }
    return Batch.of(out, count);
  }
}

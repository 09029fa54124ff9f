package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Groups of one grouping set and their aggregates as far as one worker has seen rows. One thread.
 */
final class AggregateState {
  /** Aggregates that gain by it for which a batch's rows are sorted. */
  private static final int SORTED_FOR = 3;

  /** Rows of a group, on average, from which on it pays. */
  private static final int ROWS_A_RUN = 16;

  private final PlanNode.Aggregate node;
  private final List<AggregateCall> calls;

  /** Positions of the set's keys among the node's. */
  private final int[] members;

  /** Columns of the input, one for each member. */
  private final int[] groupBy;

  private final KeyEncoder encoder;
  private final GroupTable table;
  private final CodedKeys codedKeys = new CodedKeys();
  private final Accumulator[] accumulators;

  /** The input columns of each call. */
  private final int[][] columnsOf;

  private final Reservation memory;
  private final GroupRuns runs = new GroupRuns();
  private final boolean worthSorting;
  private int[] groups = new int[0];
  private int ensured;

  /**
   * @param members ascending positions of the set's keys in the node's group columns
   */
  AggregateState(PlanNode.Aggregate node, int[] members, Reservation memory) {
    this.node = node;
    this.calls = node.aggregates();
    this.members = members;
    this.memory = memory;
    this.groupBy = Arrays.stream(members).map(m -> node.groupBy().get(m)).toArray();
    var input = node.input().output();
    PhysicalType[] types = new PhysicalType[groupBy.length];
    for (int c = 0; c < types.length; c++) {
      types[c] = input.get(groupBy[c]).type().physical();
    }
    this.encoder = KeyEncoder.adding(KeyLayout.of(types, true), memory);
    this.table = new GroupTable(encoder.layout().words(), memory);
    this.accumulators = new Accumulator[calls.size()];
    this.columnsOf = new int[calls.size()][];
    for (int a = 0; a < accumulators.length; a++) {
      columnsOf[a] = calls.get(a).columns().stream().mapToInt(Integer::intValue).toArray();
      ExactSum twin = twinOf(a);
      accumulators[a] =
          twin == null
              ? accumulator(calls.get(a), input, memory)
              : twin.finishedAs(calls.get(a).fn() == AggregateFn.AVG, calls.get(a).type());
    }
    this.worthSorting =
        Arrays.stream(accumulators).filter(Accumulator::prefersRuns).count() >= SORTED_FOR;
    if (isGlobal()) {
      ensure(1);
    }
  }

  private Accumulator accumulator(AggregateCall call, List<Field> input, Reservation memory) {
    return call.fn() == AggregateFn.GROUPING
        ? MissingKeys.of(call, members)
        : Accumulators.of(call, input, memory);
  }

  /** To be called once, when all rows have come, before the first output. */
  void finish(Execution execution) {
    for (Accumulator accumulator : accumulators) {
      accumulator.finish(execution);
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

  int[] members() {
    return members;
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
    GroupRuns sorted = of == null ? null : sorted(of, batch);
    for (int a = 0; a < accumulators.length; a++) {
      accumulate(a, batch, of, sorted);
    }
  }

  /** The rows by group, where that is faster than one by one. */
  private @Nullable GroupRuns sorted(int[] of, Batch batch) {
    int n = batch.selected();
    if (!worthSorting || size() > GroupRuns.MAX_GROUPS || n < ROWS_A_RUN * size()) {
      return null;
    }
    runs.fill(of, batch.selection(), n, size());
    return runs;
  }

  private int[] assign(Batch batch) {
    makeRoom(batch.selected());
    if (codedKeys.encode(batch, groupBy)) {
      assignByCode(batch);
    } else {
      encoder.encode(batch, groupBy);
      table.assign(encoder.words(), encoder.hashes(), batch.selected(), groups);
    }
    ensure(table.size());
    return groups;
  }

  /** For the numbers of a batch's groups, and the words and hashes of its keys. */
  private void makeRoom(int rows) {
    if (groups.length < rows) {
      memory.add((4L + 8L * (encoder.layout().words() + 1)) * (rows - groups.length));
      groups = new int[rows];
    }
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

  private void accumulate(int a, Batch batch, int @Nullable [] of, @Nullable GroupRuns sorted) {
    AggregateCall call = calls.get(a);
    int[] inputs = columnsOf[a];
    Vec[] columns = new Vec[inputs.length];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = batch.column(inputs[c]);
    }
    long @Nullable [] nulls = nulls(call, columns, batch.rows());
    int[] selection = batch.selection();
    int n = batch.selected();
    if (call.filter() < 0 && nulls == null) {
      if (sorted != null && accumulators[a].prefersRuns()) {
        accumulators[a].addRuns(columns, sorted);
      } else {
        accumulators[a].addAll(columns, selection, of, n);
      }
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
    accumulators[a].addAll(
        columns, positions, of == null ? null : narrowed(of, batch, positions, m), m);
  }

  /** The rows that the call leaves out, as those that are not valid. */
  private static long @Nullable [] nulls(AggregateCall call, Vec[] columns, int rows) {
    if (columns.length == 0 || call.fn() == AggregateFn.SINGLE_VALUE) {
      return null;
    }
    return call.fn().isOfPairs()
        ? Validity.and(columns[0].validity(), columns[1].validity(), rows)
        : columns[0].validity();
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

  /**
   * Adds the other's groups of one of 2^bits partitions.
   *
   * @param other of the same grouping set, or of one that has more keys
   */
  void merge(AggregateState other, int partition, int bits) {
    // Distinct sets of a group are merged as a whole, so groups are not split into chunks for them.
    int[] from = new int[other.size()];
    int n = 0;
    for (int group = 0; group < from.length; group++) {
      if (other.partition(group, bits) == partition) {
        from[n++] = group;
      }
    }
    int[] to = new int[n];
    if (!isGlobal()) {
      assign(other, from, n, to);
      ensure(table.size());
    }
    for (int a = 0; a < accumulators.length; a++) {
      accumulators[a].merge(other.accumulators[a], from, to, n);
    }
  }

  /** The groups here of the other's groups. */
  private void assign(AggregateState other, int[] from, int n, int[] to) {
    int[] keys = Arrays.stream(members).map(m -> Arrays.binarySearch(other.members, m)).toArray();
    for (int begin = 0; begin < n; begin += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, n - begin);
      makeRoom(count);
      int[] chunk = Arrays.copyOfRange(from, begin, begin + count);
      encoder.encode(Batch.of(other.keys(chunk, count), count), keys);
      table.assign(encoder.words(), encoder.hashes(), count, groups);
      System.arraycopy(groups, 0, to, begin, count);
    }
  }

  private Vec[] keys(int[] of, int count) {
    Vec[] out = new Vec[members.length];
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
    int keys = node.groupBy().size();
    Vec[] out = new Vec[keys + accumulators.length];
    Vec[] present = keys(of, count);
    for (int m = 0; m < members.length; m++) {
      out[members[m]] = present[m];
    }
    for (int c = 0; c < keys; c++) {
      if (out[c] == null) {
        out[c] = Vectors.nulls(node.output().get(c).type().physical(), count);
      }
    }
    for (int a = 0; a < accumulators.length; a++) {
      out[keys + a] = accumulators[a].result(of, count);
    }
    return Batch.of(out, count);
  }
}

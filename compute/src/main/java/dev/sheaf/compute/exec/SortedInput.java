package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of an aggregate that takes them in an order: they are kept, charged to the query, until all
 * have come, and then sorted by group and order.
 */
abstract class SortedInput implements Accumulator {
  private final Reservation memory;
  private final int arguments;
  private final SortOrder order;
  private final RowBuffer rows;

  SortedInput(AggregateCall call, List<Field> input, Reservation memory) {
    this.memory = memory;
    List<Integer> columns = call.columns();
    this.arguments = columns.size() - call.order().size();
    PhysicalType[] types = new PhysicalType[columns.size() + 1];
    types[0] = PhysicalType.INT;
    for (int c = 0; c < columns.size(); c++) {
      types[c + 1] = input.get(columns.get(c)).type().physical();
    }
    this.rows = new RowBuffer(types, memory);
    List<SortKey> keys = new ArrayList<>();
    keys.add(new SortKey(0, false, false));
    for (int k = 0; k < call.order().size(); k++) {
      SortKey key = call.order().get(k);
      keys.add(new SortKey(1 + arguments + k, key.descending(), key.nullsFirst()));
    }
    this.order = new SortOrder(keys);
  }

  /**
   * All rows in order.
   *
   * @param rows the group, the arguments, and more
   * @param sorted numbers of rows, by group and then in the order that was asked for
   */
  abstract void sorted(Batch rows, int[] sorted, Execution execution);

  /** How many columns after the first are arguments. */
  final int arguments() {
    return arguments;
  }

  final Reservation memory() {
    return memory;
  }

  @Override
  public final void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    throw new IllegalArgumentException("needs the columns to order by as well");
  }

  @Override
  public final void addAll(
      Vec[] columns, int @Nullable [] selection, int @Nullable [] groups, int n) {
    int[] groupOfRow = new int[columns[0].size()];
    if (groups != null) {
      for (int k = 0; k < n; k++) {
        groupOfRow[selection == null ? k : selection[k]] = groups[k];
      }
    }
    append(columns, groupOfRow, selection, n);
  }

  private void append(Vec[] columns, int[] groupOfRow, int @Nullable [] selection, int n) {
    Vec[] all = new Vec[columns.length + 1];
    all[0] = new IntVec(groupOfRow, null, groupOfRow.length);
    System.arraycopy(columns, 0, all, 1, columns.length);
    rows.append(new Batch(all, groupOfRow.length, selection, n));
  }

  @Override
  public final void merge(Accumulator other, int[] from, int[] to, int n) {
    Batch theirs = ((SortedInput) other).rows.toBatch();
    int groups = 0;
    for (int k = 0; k < n; k++) {
      groups = Math.max(groups, from[k] + 1);
    }
    int[] target = new int[groups];
    Arrays.fill(target, -1);
    for (int k = 0; k < n; k++) {
      target[from[k]] = to[k];
    }
    int[] theirGroups = ((IntVec) theirs.column(0)).values();
    int[] groupOfRow = new int[theirs.rows()];
    int[] selection = new int[theirs.rows()];
    int selected = 0;
    for (int i = 0; i < groupOfRow.length; i++) {
      int group = theirGroups[i];
      if (group < groups && target[group] >= 0) {
        groupOfRow[i] = target[group];
        selection[selected++] = i;
      }
    }
    Vec[] columns = Arrays.copyOfRange(theirs.columns(), 1, theirs.columns().length);
    append(columns, groupOfRow, selection, selected);
  }

  @Override
  public final void finish(Execution execution) {
    Batch all = rows.toBatch();
    memory.add(RowSorter.workBytes(all.rows()));
    sorted(all, RowSorter.sort(all, order, execution), execution);
  }

  /** Gives back what the rows took; they must not be used any more. */
  final void release(int sortedRows) {
    rows.release();
    memory.remove(RowSorter.workBytes(sortedRows));
  }
}

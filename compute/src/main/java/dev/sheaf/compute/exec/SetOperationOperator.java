package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.SetKind;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * INTERSECT and EXCEPT: counts the right side's rows, then passes left rows by the counts. Without
 * ALL a row passes once; its number in the table remembers that it has.
 */
final class SetOperationOperator implements Operator {
  private final PlanNode.SetOperation node;
  private final Operator left;
  private final Operator right;
  private final Execution execution;
  private final Reservation memory;
  private final int[] columns;
  private final PhysicalType[] types;
  private @Nullable KeyEncoder encoder;
  private @Nullable GroupTable table;
  private long[] counts = new long[0];
  private byte[] passed = new byte[0];
  private int[] groups = new int[Batch.MAX_ROWS];

  SetOperationOperator(
      PlanNode.SetOperation node, Operator left, Operator right, Execution execution) {
    this.node = node;
    this.left = left;
    this.right = right;
    this.execution = execution;
    this.memory = execution.reservation();
    this.types = Columns.types(node.output());
    this.columns = new int[types.length];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = c;
    }
  }

  @Override
  public void prepare() {
    var adding = KeyEncoder.adding(KeyLayout.of(types, true), memory);
    encoder = adding;
    table = new GroupTable(adding.layout().words(), memory);
    right.prepare();
    for (int i = 0; i < right.width(); i++) {
      DrainedStreams.drain(right, i, execution, this::count);
    }
    right.close();
    left.prepare();
  }

  private void count(Batch batch) {
    number(batch);
    for (int k = 0; k < batch.selected(); k++) {
      counts[groups[k]]++;
    }
  }

  private void number(Batch batch) {
    if (groups.length < batch.selected()) {
      groups = new int[batch.selected()];
    }
    KeyEncoder keys = Objects.requireNonNull(encoder);
    GroupTable rows = Objects.requireNonNull(table);
    keys.encode(batch, columns);
    rows.assign(keys.words(), keys.hashes(), batch.selected(), groups);
    counts = memory.grow(counts, rows.size());
    passed = memory.grow(passed, rows.size());
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public BatchSource stream(int index) {
    var source = new Concatenation(left);
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        for (Batch batch = source.next(); batch != null; batch = source.next()) {
          Batch out = filtered(batch);
          if (!out.isEmpty()) {
            return out;
          }
        }
        return null;
      }

      @Override
      public void close() {
        source.close();
      }
    };
  }

  private Batch filtered(Batch batch) {
    execution.check();
    number(batch);
    int[] out = new int[batch.selected()];
    int n = 0;
    for (int k = 0; k < out.length; k++) {
      if (passes(groups[k])) {
        out[n++] = batch.row(k);
      }
    }
    return batch.select(out, n);
  }

  private boolean passes(int group) {
    boolean intersect = node.kind() == SetKind.INTERSECT;
    if (node.all()) {
      boolean counted = counts[group] > 0;
      counts[group]--;
      return counted == intersect;
    }
    boolean passes = counts[group] > 0 == intersect && passed[group] == 0;
    passed[group] = 1;
    return passes;
  }

  @Override
  public void close() {
    left.close();
    right.close();
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Builds and runs the right side anew for every left row, on the thread that pulls the stream. */
final class CorrelateOperator implements Operator {
  private final PlanNode.Correlate node;
  private final Operator left;
  private final OperatorTree tree;
  private final Execution execution;
  private final PhysicalType[] rightTypes;

  CorrelateOperator(
      PlanNode.Correlate node, Operator left, OperatorTree tree, Execution execution) {
    this.node = node;
    this.left = left;
    this.tree = tree;
    this.execution = execution;
    this.rightTypes = Columns.types(node.right().output());
  }

  @Override
  public void prepare() {
    left.prepare();
  }

  @Override
  public int width() {
    return left.width();
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (column < node.left().output().size()) {
      left.offer(column, filter.ofMoreRows());
    }
  }

  @Override
  public BatchSource stream(int index) {
    return new Stream(left.stream(index));
  }

  private final class Stream implements BatchSource {
    private final BatchSource source;
    private @Nullable Batch batch;
    private int position;
    private @Nullable Operator right;
    private int rightStream;
    private @Nullable BatchSource rightSource;
    private boolean matched;

    Stream(BatchSource source) {
      this.source = source;
    }

    @Override
    public @Nullable Batch next() {
      while (true) {
        execution.check();
        Batch current = batch;
        if (current == null || position == current.selected()) {
          current = source.next();
          batch = current;
          position = 0;
          if (current == null) {
            return null;
          }
          continue;
        }
        Batch out = advance(current, current.row(position));
        if (out != null && !out.isEmpty()) {
          return out;
        }
      }
    }

    /** One step of the right side for this left row. */
    private @Nullable Batch advance(Batch current, int row) {
      Batch rows = nextRight(current, row);
      if (rows == null) {
        boolean alone = !matched;
        closeRight();
        position++;
        return switch (node.kind()) {
          case LEFT ->
              alone ? joined(current, row, Batch.of(Columns.nulls(rightTypes, 1), 1)) : null;
          case ANTI -> alone ? current.select(new int[] {row}, 1) : null;
          case SEMI, INNER, RIGHT, FULL -> null;
        };
      }
      if (rows.isEmpty()) {
        return null;
      }
      matched = true;
      if (node.kind() == JoinKind.SEMI || node.kind() == JoinKind.ANTI) {
        closeRight();
        position++;
        return node.kind() == JoinKind.SEMI ? current.select(new int[] {row}, 1) : null;
      }
      return joined(current, row, Gather.compact(rows));
    }

    private @Nullable Batch nextRight(Batch current, int row) {
      Operator operator = right;
      if (operator == null) {
        operator = tree.build(node.right(), execution.correlated(node.id(), values(current, row)));
        right = operator;
        operator.prepare();
        rightStream = 0;
        matched = false;
      }
      while (true) {
        BatchSource open = rightSource;
        if (open == null) {
          if (rightStream == operator.width()) {
            return null;
          }
          open = operator.stream(rightStream++);
          rightSource = open;
        }
        Batch rows = open.next();
        if (rows != null) {
          return rows;
        }
        open.close();
        rightSource = null;
      }
    }

    private void closeRight() {
      if (rightSource != null) {
        rightSource.close();
        rightSource = null;
      }
      if (right != null) {
        right.close();
        right = null;
      }
    }

    @Override
    public void close() {
      closeRight();
      source.close();
    }
  }

  private static @Nullable Object[] values(Batch batch, int row) {
    @Nullable Object[] out = new Object[batch.columns().length];
    for (int c = 0; c < out.length; c++) {
      out[c] = batch.column(c).value(row);
    }
    return out;
  }

  private static Batch joined(Batch leftBatch, int row, Batch rightRows) {
    int n = rightRows.rows();
    int[] repeated = new int[n];
    Arrays.fill(repeated, row);
    Vec[] l = leftBatch.columns();
    Vec[] out = Arrays.copyOf(l, l.length + rightRows.columns().length);
    for (int c = 0; c < l.length; c++) {
      out[c] = Gather.take(l[c], repeated, n);
    }
    System.arraycopy(rightRows.columns(), 0, out, l.length, rightRows.columns().length);
    return Batch.of(out, n);
  }

  @Override
  public void close() {
    left.close();
  }
}

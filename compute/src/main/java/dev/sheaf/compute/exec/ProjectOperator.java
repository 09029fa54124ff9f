package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes expressions. Kernels work on all slots of a batch, so one with few live rows is made
 * dense first, as far as the expressions read it.
 */
final class ProjectOperator implements Operator {
  /** Live rows below 1/4 of the slots: copying them costs less than computing on all slots. */
  private static final int SPARSE = 4;

  private final PlanNode.Project node;
  private final Operator input;
  private final Execution execution;
  private final boolean computes;
  private final int[] read;

  ProjectOperator(PlanNode.Project node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
    this.computes = node.expressions().stream().anyMatch(Expr.Call.class::isInstance);
    this.read = Columns.readBy(node.expressions());
  }

  @Override
  public void prepare() {
    input.prepare();
  }

  @Override
  public int width() {
    return input.width();
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (node.expressions().get(column) instanceof Expr.Column source) {
      input.offer(source.index(), filter);
    }
  }

  @Override
  public BatchSource stream(int index) {
    BatchSource source = input.stream(index);
    List<Evaluator> expressions = execution.compileAll(node.expressions());
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        Batch batch = source.next();
        return batch == null ? null : project(batch, expressions);
      }

      @Override
      public void close() {
        source.close();
      }
    };
  }

  private Batch project(Batch batch, List<Evaluator> expressions) {
    Batch in = computes && batch.selected() < batch.rows() / SPARSE ? compact(batch) : batch;
    Vec[] out = new Vec[expressions.size()];
    for (int c = 0; c < out.length; c++) {
      out[c] = expressions.get(c).evaluate(in);
    }
    return new Batch(out, in.rows(), in.selection(), in.selected());
  }

  /** Columns that no expression reads stay as they are: nobody looks at them. */
  private Batch compact(Batch batch) {
    int[] selection = batch.selection();
    if (selection == null) {
      return batch;
    }
    Vec[] columns = batch.columns().clone();
    for (int c : read) {
      columns[c] = Gather.take(columns[c], selection, batch.selected());
    }
    return Batch.of(columns, batch.selected());
  }

  @Override
  public void close() {
    input.close();
  }
}

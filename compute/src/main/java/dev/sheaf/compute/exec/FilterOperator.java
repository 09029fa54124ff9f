package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import org.jspecify.annotations.Nullable;

/** WHERE: narrows each batch's selection. */
final class FilterOperator implements Operator {
  private final PlanNode.Filter node;
  private final Operator input;
  private final Execution execution;

  FilterOperator(PlanNode.Filter node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
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
    input.offer(column, filter.ofMoreRows());
  }

  @Override
  public BatchSource stream(int index) {
    BatchSource source = input.stream(index);
    Evaluator condition = execution.compile(node.condition());
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        for (Batch batch = source.next(); batch != null; batch = source.next()) {
          Batch passed = condition.select(batch);
          if (!passed.isEmpty()) {
            return passed;
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

  @Override
  public void close() {
    input.close();
  }
}

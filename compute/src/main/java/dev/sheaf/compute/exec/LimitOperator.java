package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.error.ErrorCode;

/**
 * LIMIT and OFFSET without an order: one stream that pulls the input's streams one after the other,
 * and stops pulling as soon as it has enough.
 */
final class LimitOperator implements Operator {
  private final PlanNode.Sort node;
  private final Operator input;
  private final Execution execution;
  private long skip;
  private long left = Long.MAX_VALUE;

  LimitOperator(PlanNode.Sort node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
  }

  @Override
  public void prepare() {
    skip =
        Math.max(
            0,
            SortOperator.count(
                node.offset(), ErrorCode.INVALID_ROW_COUNT_IN_OFFSET, "OFFSET", execution));
    long fetch =
        SortOperator.count(node.fetch(), ErrorCode.INVALID_ROW_COUNT_IN_LIMIT, "LIMIT", execution);
    left = fetch < 0 ? Long.MAX_VALUE : fetch;
    if (left > 0) {
      input.prepare();
    }
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public BatchSource stream(int index) {
    return left == 0 ? NoRows.SOURCE : new LimitedRows(new Concatenation(input), skip, left);
  }

  @Override
  public void close() {
    input.close();
  }
}

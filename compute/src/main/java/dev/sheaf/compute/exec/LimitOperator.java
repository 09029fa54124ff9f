package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
    return left == 0 ? NoRows.SOURCE : new Stream(new Concatenation(input));
  }

  private final class Stream implements BatchSource {
    private final BatchSource source;

    Stream(BatchSource source) {
      this.source = source;
    }

    @Override
    public @Nullable Batch next() {
      while (left > 0) {
        Batch batch = source.next();
        if (batch == null) {
          return null;
        }
        int from = (int) Math.min(skip, batch.selected());
        int count = (int) Math.min(left, batch.selected() - from);
        skip -= from;
        if (count > 0) {
          left -= count;
          return count == batch.selected() ? batch : part(batch, from, count);
        }
      }
      return null;
    }

    private static Batch part(Batch batch, int from, int count) {
      int[] selection = batch.selection();
      if (selection != null) {
        return batch.select(Arrays.copyOfRange(selection, from, from + count), count);
      }
      int[] rows = new int[count];
      for (int k = 0; k < count; k++) {
        rows[k] = from + k;
      }
      return batch.select(rows, count);
    }

    @Override
    public void close() {
      source.close();
    }
  }

  @Override
  public void close() {
    input.close();
  }
}

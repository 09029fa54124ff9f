package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * ORDER BY with its limit: one ordered stream. A small limit keeps only the top rows of every input
 * stream.
 */
final class SortOperator implements Operator {
  /** Offset and fetch together up to which only the top rows are kept. */
  private static final long MAX_TOP_ROWS = 100_000;

  private final PlanNode.Sort node;
  private final Operator input;
  private final Execution execution;
  private final Reservation memory;
  private final PhysicalType[] types;
  private Batch rows = Batch.of(new Vec[0], 0);
  private int[] sorted = new int[0];
  private @Nullable RowRuns runs;
  private @Nullable BatchSource merged;
  private long offset;
  private long end = Long.MAX_VALUE;

  SortOperator(PlanNode.Sort node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
    this.memory = execution.reservation();
    this.types = Columns.types(node.output());
  }

  /** The row count that a LIMIT or OFFSET expression gives, -1 = NULL. */
  static long count(@Nullable Expr expr, ErrorCode ifNegative, String clause, Execution execution) {
    Object value = expr == null ? null : execution.constant(expr);
    if (value == null) {
      return -1;
    }
    long count = ((Number) value).longValue();
    if (count < 0) {
      throw new SheafException(ifNegative, clause + " must not be negative");
    }
    return count;
  }

  @Override
  public void prepare() {
    offset =
        Math.max(
            0, count(node.offset(), ErrorCode.INVALID_ROW_COUNT_IN_OFFSET, "OFFSET", execution));
    long fetch = count(node.fetch(), ErrorCode.INVALID_ROW_COUNT_IN_LIMIT, "LIMIT", execution);
    end = fetch < 0 || offset + fetch < 0 ? Long.MAX_VALUE : offset + fetch;
    var order = new SortOrder(node.keys());
    if (end <= MAX_TOP_ROWS) {
      RowBuffer top = top(order, (int) end);
      memory.add(RowSorter.workBytes(top.rows()));
      sort(top, order);
    } else {
      all(order);
    }
    input.close();
  }

  private void sort(RowBuffer buffer, SortOrder order) {
    rows = buffer.toBatch();
    sorted = RowSorter.sort(rows, order, execution);
  }

  /** Sorts in memory what fits, else by runs on disk. */
  private void all(SortOrder order) {
    input.prepare();
    var onDisk = new RowRuns(types, order, execution, memory);
    runs = onDisk;
    RowBuffer inMemory = SortBuffer.collect(input, types, onDisk, execution, memory);
    if (inMemory != null) {
      sort(inMemory, order);
    } else {
      merged = onDisk.merged();
    }
  }

  private RowBuffer top(SortOrder order, int limit) {
    var bound = new TopBound(node.keys().get(0), limit);
    input.offer(order.firstColumn(), bound);
    input.prepare();
    int width = input.width();
    TopRows[] parts = new TopRows[width];
    execution
        .tasks()
        .run(
            width,
            i -> {
              parts[i] = new TopRows(types, order, bound, execution, memory);
              DrainedStreams.drain(input, i, execution, parts[i]::add);
            });
    RowBuffer all = parts[0].rows();
    for (int i = 1; i < width; i++) {
      all.append(parts[i].rows().toBatch());
      parts[i].rows().release();
    }
    return all;
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public BatchSource stream(int index) {
    BatchSource all = merged;
    return all == null
        ? sortedRows()
        : new LimitedRows(all, offset, end == Long.MAX_VALUE ? end : end - offset);
  }

  private BatchSource sortedRows() {
    return new BatchSource() {
      private int position = (int) Math.min(offset, sorted.length);

      @Override
      public @Nullable Batch next() {
        int last = (int) Math.min(end, sorted.length);
        if (position >= last) {
          return null;
        }
        int n = Math.min(Batch.MAX_ROWS, last - position);
        int[] part = Arrays.copyOfRange(sorted, position, position + n);
        position += n;
        Vec[] out = new Vec[types.length];
        for (int c = 0; c < out.length; c++) {
          out[c] = Gather.take(rows.column(c), part, n);
        }
        return Batch.of(out, n);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    input.close();
    rows = Batch.of(new Vec[0], 0);
    sorted = new int[0];
    merged = null;
    if (runs != null) {
      runs.close();
      runs = null;
    }
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}

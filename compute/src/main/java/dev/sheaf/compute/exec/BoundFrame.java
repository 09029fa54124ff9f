package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frame with the offsets of one execution. Immutable.
 *
 * @param start rows or groups of an edge with an offset, else 0
 * @param end likewise
 * @param rangeStart the start of a RANGE frame, if it has an offset
 * @param rangeEnd likewise
 */
record BoundFrame(
    FrameShape shape,
    long start,
    long end,
    @Nullable RangeEdge rangeStart,
    @Nullable RangeEdge rangeEnd) {

  /**
   * Evaluates the offsets.
   *
   * @param input the columns that the window is over
   */
  static BoundFrame of(WindowFrame frame, List<Field> input, Execution execution) {
    FrameShape shape = frame.shape();
    Object start = value(frame.start(), "starting", execution);
    Object end = value(frame.end(), "ending", execution);
    SortKey key = frame.rangeKey();
    if (key == null) {
      return new BoundFrame(shape, count(start, "starting"), count(end, "ending"), null, null);
    }
    Field column = input.get(key.column());
    Expr startOffset = frame.start();
    Expr endOffset = frame.end();
    return new BoundFrame(
        shape,
        0,
        0,
        start == null || startOffset == null
            ? null
            : RangeEdge.start(
                key, column.type(), start, startOffset.type(), shape.start(), execution),
        end == null || endOffset == null
            ? null
            : RangeEdge.end(key, column.type(), end, endOffset.type(), shape.end(), execution));
  }

  private static @Nullable Object value(@Nullable Expr offset, String which, Execution execution) {
    if (offset == null) {
      return null;
    }
    Object value = execution.constant(offset);
    if (value == null) {
      throw new SheafException(
          ErrorCode.NULL_VALUE_NOT_ALLOWED, "frame " + which + " offset must not be null");
    }
    return value;
  }

  private static long count(@Nullable Object value, String which) {
    long count = value == null ? 0 : ((Number) value).longValue();
    if (count < 0) {
      throw new SheafException(
          ErrorCode.INVALID_PRECEDING_OR_FOLLOWING_SIZE,
          "frame " + which + " offset must not be negative");
    }
    return count;
  }

  /** Whether frames of a partition only grow, all from its first row. */
  boolean onlyGrows() {
    return shape.start() == FrameShape.Edge.UNBOUNDED_PRECEDING
        && shape.exclusion() == FrameShape.Exclusion.NO_OTHERS;
  }
}

package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.FrameShape;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A frame with its offsets, which are constant during an execution: NULL is 22004, negative 22013.
 *
 * @param start offset of the start: BIGINT, or in RANGE an exact number, a DOUBLE or an interval
 *     that moves the key; null = its edge has none
 * @param end likewise
 * @param rangeKey the key that RANGE with an offset is about, else null
 */
public record WindowFrame(
    FrameShape shape,
    @Nullable Expr start,
    @Nullable Expr end,
    PlanNode.@Nullable SortKey rangeKey) {

  public static final WindowFrame DEFAULT = new WindowFrame(FrameShape.DEFAULT, null, null, null);

  /** The offsets that there are. */
  public Stream<Expr> offsets() {
    return Stream.of(start, end).filter(Objects::nonNull);
  }

  /** The frame over other columns. */
  WindowFrame mapped(IntUnaryOperator column) {
    PlanNode.SortKey key = rangeKey;
    return key == null
        ? this
        : new WindowFrame(
            shape,
            start,
            end,
            new PlanNode.SortKey(
                column.applyAsInt(key.column()), key.descending(), key.nullsFirst()));
  }
}

package dev.sheaf.compute.sql;

import dev.sheaf.columnar.expression.FrameShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A window as written: what follows OVER, or a name in the WINDOW clause.
 *
 * @param base the window that this one is, or extends; null = none
 * @param isExtension false for {@code OVER name}, which takes the base as it is
 * @param frame null = none was written
 */
public record SqlWindow(
    @Nullable Identifier base,
    boolean isExtension,
    List<SqlExpression> partitionBy,
    List<SqlQuery.OrderItem> orderBy,
    @Nullable Frame frame,
    Position position) {

  /**
   * @param start offset of the start, null = its edge has none
   * @param end likewise
   */
  public record Frame(
      FrameShape shape,
      @Nullable SqlExpression start,
      @Nullable SqlExpression end,
      Position position) {}

  /** An element of the WINDOW clause. */
  public record Named(Identifier name, SqlWindow window) {}
}

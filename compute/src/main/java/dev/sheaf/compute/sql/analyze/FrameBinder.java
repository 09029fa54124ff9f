package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.FrameShape.Unit;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlWindow;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.List;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds frames: what they need of the window's order, and the types of their offsets. */
final class FrameBinder {
  private final BindContext context;

  FrameBinder(BindContext context) {
    this.context = context;
  }

  /**
   * @param columns what {@code order} is about, by position
   */
  WindowRel.Frame bind(
      SqlWindow.Frame frame, List<RelFieldCollation> order, List<RexNode> columns) {
    FrameShape shape = frame.shape();
    Position at = frame.position();
    if (shape.unit() == Unit.GROUPS && order.isEmpty()) {
      throw at.error(ErrorCode.WINDOWING_ERROR, "GROUPS mode requires an ORDER BY clause");
    }
    boolean range = shape.unit() == Unit.RANGE && shape.hasOffset();
    if (range && order.size() != 1) {
      throw at.error(
          ErrorCode.WINDOWING_ERROR,
          "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
    }
    @Nullable RelFieldCollation key = range ? order.getFirst() : null;
    @Nullable SqlType type =
        key == null ? null : CalciteTypes.of(columns.get(key.getFieldIndex()).getType());
    return new WindowRel.Frame(
        shape, offset(frame.start(), shape, type), offset(frame.end(), shape, type), key);
  }

  private @Nullable RexNode offset(
      @Nullable SqlExpression node, FrameShape shape, @Nullable SqlType key) {
    if (node == null) {
      return null;
    }
    String unit = shape.unit().name();
    if (Syntax.hasSubquery(node)) {
      throw node.position().unsupported("a subquery in " + unit);
    }
    if (Syntax.any(node, SqlExpression.Name.class::isInstance)) {
      throw node.position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "argument of " + unit + " must not contain variables");
    }
    var binder =
        new ExpressionBinder(context, Environment.EMPTY, Scope.EMPTY, null, null, "window " + unit);
    RexNode bound = binder.bind(node);
    return key == null
        ? context.scalars().implicit(bound, SqlType.BIGINT, "argument of " + unit, node.position())
        : distance(bound, key, node.position());
  }

  /** The offset as what the key can be moved by. */
  private RexNode distance(RexNode offset, SqlType key, Position at) {
    SqlType given = Scalars.typeOf(offset);
    boolean unknown = given.kind() == Kind.NULL;
    @Nullable SqlType type =
        switch (key.kind()) {
          case SMALLINT, INTEGER, BIGINT ->
              Coercion.isImplicit(given, SqlType.BIGINT) ? SqlType.BIGINT : null;
          case DECIMAL ->
              unknown
                  ? SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, key.scale())
                  : Coercion.isImplicit(given, key) ? Coercion.asDecimal(given) : null;
          case REAL, DOUBLE -> unknown || given.isNumeric() ? SqlType.DOUBLE : null;
          case DATE, TIMESTAMP, TIMESTAMPTZ ->
              unknown ? intervalType(offset, at) : isInterval(given) ? given : null;
          case TIME, INTERVAL_DAY_TIME ->
              unknown || given.kind() == Kind.INTERVAL_DAY_TIME ? SqlType.INTERVAL_DAY_TIME : null;
          case INTERVAL_YEAR_MONTH ->
              unknown || given.kind() == key.kind() ? SqlType.INTERVAL_YEAR_MONTH : null;
          default -> null;
        };
    if (type == null) {
      throw at.unsupported(
              "RANGE with an offset of type " + given + " from a column of type " + key)
          .withHint("Cast the offset to a type by which such a value can be moved.");
    }
    return context.scalars().cast(offset, type, at);
  }

  private static boolean isInterval(SqlType type) {
    return type.kind() == Kind.INTERVAL_DAY_TIME || type.kind() == Kind.INTERVAL_YEAR_MONTH;
  }

  /** A quoted string is an interval of days unless it can only be one of months. */
  private static SqlType intervalType(RexNode offset, Position at) {
    @Nullable ConstantOperator text = ConstantOperator.in(offset);
    if (text == null) {
      return SqlType.INTERVAL_DAY_TIME;
    }
    try {
      ConstantFolding.cast(text, SqlType.INTERVAL_DAY_TIME);
      return SqlType.INTERVAL_DAY_TIME;
    } catch (SheafException noDays) {
      return SqlType.INTERVAL_YEAR_MONTH;
    }
  }
}

package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.protocol.type.SqlType;
import java.util.HexFormat;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.jspecify.annotations.Nullable;

/**
 * A constant, as an operator without operands: Calcite moves it about but never computes with it,
 * pads it or loses its digits. Booleans and NULLs are Calcite literals instead, because rewriting
 * lives on them.
 */
public final class ConstantOperator extends SqlFunction {
  private final Object value;
  private final SqlType type;
  private final @Nullable Position unknown;

  /**
   * @param value physical
   * @param unknown place of a quoted string that no context has given a type yet, else null
   */
  ConstantOperator(Object value, SqlType type, @Nullable Position unknown) {
    super(
        type + " " + print(value) + (unknown == null ? "" : "?"),
        SqlKind.OTHER_FUNCTION,
        ReturnTypes.explicit(CalciteTypes.of(type, false)),
        null,
        OperandTypes.NILADIC,
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.value = value;
    this.type = type;
    this.unknown = unknown;
  }

  private static String print(Object value) {
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value.toString();
  }

  public Object value() {
    return value;
  }

  public SqlType type() {
    return type;
  }

  boolean isUnknown() {
    return unknown != null;
  }

  /** Where an unknown string stands. */
  Position position() {
    return unknown == null ? Position.UNKNOWN : unknown;
  }

  /** A literal of Calcite's (a boolean or a NULL) as an expression that is none. */
  public static RexNode opaque(RexLiteral literal, RexBuilder rex) {
    SqlType type = CalciteTypes.of(literal.getType());
    if (literal.isNull() || type.kind() != SqlType.Kind.BOOLEAN) {
      return rex.makeCall(literal.getType(), new FnOperator(Fn.COALESCE, type), List.of(literal));
    }
    var constant = new ConstantOperator(RexLiteral.booleanValue(literal), type, null);
    return rex.makeCall(literal.getType(), constant, List.of());
  }

  /** The operator of a constant, or null. */
  public static @Nullable ConstantOperator in(RexNode node) {
    return node instanceof RexCall call && call.getOperator() instanceof ConstantOperator constant
        ? constant
        : null;
  }
}

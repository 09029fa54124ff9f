package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.analyze.CalciteTypes;
import dev.sheaf.compute.sql.analyze.ConstantOperator;
import dev.sheaf.compute.sql.analyze.FnOperator;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexCorrelVariable;
import org.apache.calcite.rex.RexDynamicParam;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/** Translates Calcite's expressions, ours among them, to the engine's. */
final class ExprTranslator {
  private final RexBuilder rex;

  ExprTranslator(RexBuilder rex) {
    this.rex = rex;
  }

  List<Expr> translate(List<RexNode> nodes) {
    return nodes.stream().map(this::translate).toList();
  }

  Expr translate(RexNode node) {
    return switch (node) {
      case RexInputRef ref -> new Expr.Column(ref.getIndex(), CalciteTypes.of(ref.getType()));
      case RexDynamicParam parameter ->
          new Expr.Parameter(parameter.getIndex(), CalciteTypes.of(parameter.getType()));
      case RexLiteral literal -> literal(literal);
      case RexFieldAccess access
          when access.getReferenceExpr() instanceof RexCorrelVariable variable ->
          new Expr.Correlated(
              variable.id.getId(), access.getField().getIndex(), CalciteTypes.of(access.getType()));
      case RexCall call -> call(call);
      default -> throw untranslatable(node);
    };
  }

  private Expr call(RexCall call) {
    @Nullable ConstantOperator constant = ConstantOperator.in(call);
    if (constant != null) {
      return new Expr.Literal(constant.value(), constant.type());
    }
    SqlType type = CalciteTypes.of(call.getType());
    if (call.getOperator() instanceof FnOperator operator) {
      return new Expr.Call(operator.fn(), translate(call.getOperands()), type);
    }
    return switch (call.getKind()) {
      case SEARCH -> translate(RexUtil.expandSearch(rex, null, call));
      case CAST, REINTERPRET -> cast(translate(call.getOperands().getFirst()), type);
      case AND -> junction(Fn.AND, call);
      case OR -> junction(Fn.OR, call);
      case EQUALS -> comparison(Fn.EQ, call);
      case NOT_EQUALS -> comparison(Fn.NE, call);
      case LESS_THAN -> comparison(Fn.LT, call);
      case LESS_THAN_OR_EQUAL -> comparison(Fn.LE, call);
      case GREATER_THAN -> comparison(Fn.GT, call);
      case GREATER_THAN_OR_EQUAL -> comparison(Fn.GE, call);
      case IS_DISTINCT_FROM -> comparison(Fn.IS_DISTINCT_FROM, call);
      case IS_NOT_DISTINCT_FROM -> comparison(Fn.IS_NOT_DISTINCT_FROM, call);
      case COALESCE -> new Expr.Call(Fn.COALESCE, translate(call.getOperands()), type);
      case CASE -> new Expr.Call(Fn.CASE, branches(call, type), type);
      case NOT -> unary(Fn.NOT, call);
      case IS_NULL, IS_UNKNOWN -> unary(Fn.IS_NULL, call);
      case IS_NOT_NULL -> unary(Fn.IS_NOT_NULL, call);
      case IS_TRUE -> unary(Fn.IS_TRUE, call);
      case IS_NOT_TRUE -> unary(Fn.IS_NOT_TRUE, call);
      case IS_FALSE -> unary(Fn.IS_FALSE, call);
      case IS_NOT_FALSE -> unary(Fn.IS_NOT_FALSE, call);
      default -> throw untranslatable(call);
    };
  }

  private Expr unary(Fn fn, RexCall call) {
    return new Expr.Call(fn, translate(call.getOperands()), SqlType.BOOLEAN);
  }

  private Expr junction(Fn fn, RexCall call) {
    return new Expr.Call(fn, translate(call.getOperands()), SqlType.BOOLEAN);
  }

  /** Calcite's rewriting compares, for example, a BIGINT count with an INTEGER 0. */
  private Expr comparison(Fn fn, RexCall call) {
    Expr left = translate(call.getOperands().get(0));
    Expr right = translate(call.getOperands().get(1));
    if (left.type().kind() != right.type().kind()) {
      if (right instanceof Expr.Literal) {
        right = cast(right, left.type());
      } else {
        left = cast(left, right.type());
      }
    }
    return new Expr.Call(fn, List.of(left, right), SqlType.BOOLEAN);
  }

  private List<Expr> branches(RexCall call, SqlType type) {
    var parts = new ArrayList<Expr>();
    int last = call.getOperands().size() - 1;
    for (int i = 0; i <= last; i++) {
      Expr part = translate(call.getOperands().get(i));
      boolean result = i == last || i % 2 == 1;
      parts.add(result ? cast(part, type) : part);
    }
    return parts;
  }

  /** The value as the type; without a call where the representation is the same already. */
  static Expr cast(Expr value, SqlType type) {
    SqlType from = value.type();
    boolean same =
        from.equals(type)
            || (from.isText() && from.kind() == type.kind() && type.precision() < 0)
            || (from.kind() == type.kind() && type.kind() != Kind.DECIMAL && !type.isText());
    if (same) {
      return value;
    }
    if (value instanceof Expr.Literal literal) {
      if (literal.value() == null) {
        return new Expr.Literal(null, type);
      }
      if (literal.value() instanceof Integer small && type.kind() == Kind.BIGINT) {
        return new Expr.Literal(small.longValue(), type);
      }
    }
    return new Expr.Call(Fn.CAST, List.of(value), type);
  }

  private static Expr literal(RexLiteral literal) {
    SqlType type = CalciteTypes.of(literal.getType());
    if (literal.isNull()) {
      return new Expr.Literal(null, type);
    }
    return switch (type.kind()) {
      case BOOLEAN -> new Expr.Literal(RexLiteral.booleanValue(literal), type);
      case SMALLINT, INTEGER -> new Expr.Literal(number(literal).intValueExact(), type);
      case BIGINT -> new Expr.Literal(number(literal).longValueExact(), type);
      default -> throw untranslatable(literal);
    };
  }

  private static BigDecimal number(RexLiteral literal) {
    return RexLiteral.bigDecimalValue(literal);
  }

  private static SheafException untranslatable(RexNode node) {
    return new SheafException(
        ErrorCode.INTERNAL_ERROR,
        "the planner made an expression that it cannot translate: " + node);
  }
}

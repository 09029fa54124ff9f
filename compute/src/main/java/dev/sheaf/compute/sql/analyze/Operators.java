package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.compute.sql.SqlExpression.IsTest;
import dev.sheaf.compute.sql.SqlExpression.Test;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/** Types the operators: comparison, tests, casts, text; arithmetic is {@link Arithmetic}'s. */
final class Operators {
  /** Constants compare with CHAR columns uncut. */
  private static final int LONGEST_CHAR = 10_485_760;

  private final Scalars scalars;
  private final Arithmetic arithmetic;

  Operators(Scalars scalars) {
    this.scalars = scalars;
    this.arithmetic = new Arithmetic(scalars);
  }

  RexNode binary(Binary op, RexNode left, RexNode right, Position position) {
    return switch (op) {
      case EQ -> compare(Fn.EQ, op, left, right, position);
      case NE -> compare(Fn.NE, op, left, right, position);
      case LT -> compare(Fn.LT, op, left, right, position);
      case LE -> compare(Fn.LE, op, left, right, position);
      case GT -> compare(Fn.GT, op, left, right, position);
      case GE -> compare(Fn.GE, op, left, right, position);
      case IS_DISTINCT -> compare(Fn.IS_DISTINCT_FROM, op, left, right, position);
      case IS_NOT_DISTINCT -> compare(Fn.IS_NOT_DISTINCT_FROM, op, left, right, position);
      case CONCAT -> concat(left, right, position);
      case ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER ->
          arithmetic.binary(op, left, right, position);
      case AND, OR -> throw new IllegalStateException("AND and OR are chains");
    };
  }

  private RexNode compare(Fn fn, Binary op, RexNode left, RexNode right, Position position) {
    List<RexNode> both = comparable(List.of(left, right), op.symbol(), position);
    boolean total = fn == Fn.IS_DISTINCT_FROM || fn == Fn.IS_NOT_DISTINCT_FROM;
    return total
        ? scalars.call(fn, SqlType.BOOLEAN, false, both)
        : comparison(fn, both.get(0), both.get(1));
  }

  /** Calcite wants no comparison with a literal NULL, which is NULL anyway. */
  private RexNode comparison(Fn fn, RexNode left, RexNode right) {
    return RexUtil.isNullLiteral(left, true) || RexUtil.isNullLiteral(right, true)
        ? scalars.nullOf(SqlType.BOOLEAN)
        : scalars.call(fn, SqlType.BOOLEAN, left, right);
  }

  /**
   * The values in one type. Numeric constants take the type of the other side where they are
   * exactly a value of it, so that columns stay free of casts and keys and zone maps can be used.
   */
  List<RexNode> comparable(List<RexNode> values, String symbol, Position position) {
    SqlType common = SqlType.NULL;
    for (RexNode value : values) {
      if (ConstantOperator.in(value) == null) {
        common = join(common, Scalars.typeOf(value), symbol, position);
      }
    }
    for (RexNode value : values) {
      @Nullable ConstantOperator constant = ConstantOperator.in(value);
      if (constant != null && !fits(constant, common)) {
        common = join(common, Scalars.typeOf(value), symbol, position);
      }
    }
    SqlType target = common.kind() == Kind.NULL ? SqlType.TEXT : common;
    if (target.kind() == Kind.CHAR) {
      target = SqlType.character(LONGEST_CHAR);
    } else if (target.kind() == Kind.VARCHAR) {
      target = SqlType.TEXT;
    }
    var cast = new ArrayList<RexNode>();
    for (RexNode value : values) {
      cast.add(isSameText(value, target) ? value : scalars.cast(value, target, position));
    }
    return cast;
  }

  /** Texts compare whatever their lengths: no cast, if they are of one kind. */
  private static boolean isSameText(RexNode value, SqlType target) {
    SqlType type = Scalars.typeOf(value);
    return type.isText() && type.kind() == target.kind();
  }

  private static boolean fits(ConstantOperator constant, SqlType type) {
    if (constant.isUnknown()) {
      return true;
    }
    @Nullable BigDecimal number = ConstantFolding.number(constant);
    return number != null && type.isNumeric() && ConstantFolding.fromNumber(number, type) != null;
  }

  private static SqlType join(SqlType a, SqlType b, String symbol, Position position) {
    @Nullable SqlType common = Coercion.common(a, b);
    if (common == null) {
      throw missing(symbol, a, b, position);
    }
    return common;
  }

  static SheafException missing(String symbol, SqlType a, SqlType b, Position position) {
    return position
        .error(
            ErrorCode.UNDEFINED_FUNCTION,
            "operator does not exist: " + name(a) + " " + symbol + " " + name(b))
        .withHint("You might need to add explicit type casts.");
  }

  static String name(SqlType type) {
    return type.kind() == Kind.NULL ? "unknown" : type.toString();
  }

  RexNode between(RexNode operand, RexNode low, RexNode high, Position position) {
    return scalars.and(
        List.of(
            compare(Fn.GE, Binary.GE, operand, low, position),
            compare(Fn.LE, Binary.LE, operand, high, position)));
  }

  /** IN: constants by one membership test, the rest by comparison. */
  RexNode in(RexNode operand, List<RexNode> values, Position position) {
    var all = new ArrayList<RexNode>();
    all.add(operand);
    all.addAll(values);
    List<RexNode> cast = comparable(all, "=", position);
    RexNode needle = cast.getFirst();
    var constants = new ArrayList<RexNode>();
    var alternatives = new ArrayList<RexNode>();
    for (RexNode value : cast.subList(1, cast.size())) {
      if (ConstantOperator.in(value) != null
          || value instanceof org.apache.calcite.rex.RexLiteral) {
        constants.add(value);
      } else {
        alternatives.add(comparison(Fn.EQ, needle, value));
      }
    }
    if (constants.size() == 1) {
      alternatives.addFirst(comparison(Fn.EQ, needle, constants.getFirst()));
    } else if (!constants.isEmpty()) {
      constants.addFirst(needle);
      alternatives.addFirst(scalars.call(Fn.IN, SqlType.BOOLEAN, constants));
    }
    return scalars.or(alternatives);
  }

  private RexNode concat(RexNode left, RexNode right, Position position) {
    SqlType a = Scalars.typeOf(left);
    SqlType b = Scalars.typeOf(right);
    if (!a.isText() && !b.isText() && a.kind() != Kind.NULL && b.kind() != Kind.NULL) {
      throw missing("||", a, b, position);
    }
    return scalars.call(
        Fn.CONCAT,
        SqlType.TEXT,
        scalars.cast(left, SqlType.TEXT, position),
        scalars.cast(right, SqlType.TEXT, position));
  }

  RexNode text(RexNode node, String operator, Position position) {
    SqlType type = Scalars.typeOf(node);
    if (!Coercion.isImplicit(type, SqlType.TEXT)) {
      throw missing(operator, type, SqlType.TEXT, position);
    }
    return scalars.cast(node, SqlType.TEXT, position);
  }

  RexNode test(RexNode operand, IsTest node) {
    if (node.test() == Test.NULL) {
      RexNode known = scalars.known(operand, node.position());
      return scalars.test(node.negated() ? Fn.IS_NOT_NULL : Fn.IS_NULL, known);
    }
    RexNode condition =
        scalars.implicit(
            operand, SqlType.BOOLEAN, "argument of IS " + node.test(), node.position());
    return switch (node.test()) {
      case TRUE -> scalars.test(node.negated() ? Fn.IS_NOT_TRUE : Fn.IS_TRUE, condition);
      case FALSE -> scalars.test(node.negated() ? Fn.IS_NOT_FALSE : Fn.IS_FALSE, condition);
      case NULL, UNKNOWN -> scalars.test(node.negated() ? Fn.IS_NOT_NULL : Fn.IS_NULL, condition);
    };
  }

  RexNode explicitCast(RexNode node, SqlType to, Position position) {
    SqlType from = Scalars.typeOf(node);
    if (!Coercion.isExplicit(from, to)) {
      throw position.error(ErrorCode.CANNOT_COERCE, "cannot cast type " + from + " to " + to);
    }
    return scalars.cast(node, to, position);
  }

  RexNode plus(RexNode operand, Position position) {
    if (!Scalars.typeOf(operand).isNumeric()) {
      throw missing("+", SqlType.NULL, Scalars.typeOf(operand), position);
    }
    return operand;
  }

  RexNode minus(RexNode operand, Position position) {
    return arithmetic.negate(operand, position);
  }
}

package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * Types {@code + - * / % ^} over numbers, dates and intervals.
 *
 * <p>DECIMAL(p1,s1) and DECIMAL(p2,s2), precisions at most 38, larger values 22003 when they occur:
 *
 * <pre>
 * + -   scale max(s1,s2), one more integer digit than the longer
 * *     scale s1+s2, precision p1+p2 (above scale 30 the operands are rounded to 9 places first)
 * /     DECIMAL(38, max(s1, s2, 6))
 * %     as the common type
 * </pre>
 *
 * Integers divide as integers. DATE plus months or whole days is a DATE (PostgreSQL: timestamp), so
 * that comparisons with dates stay comparisons of dates.
 */
final class Arithmetic {
  private static final int MAX_PRODUCT_SCALE = 30;
  private static final int DIVISION_SCALE = 6;

  private final Scalars scalars;

  Arithmetic(Scalars scalars) {
    this.scalars = scalars;
  }

  RexNode binary(Binary op, RexNode left, RexNode right, Position position) {
    SqlType a = Scalars.typeOf(left);
    SqlType b = Scalars.typeOf(right);
    // An unknown operand is of the other's type, or an interval beside a date.
    if (a.kind() == Kind.NULL) {
      a = guess(b);
    } else if (b.kind() == Kind.NULL) {
      b = guess(a);
    }
    if (op == Binary.POWER && a.isNumeric() && b.isNumeric()) {
      return scalars.call(
          Fn.POWER,
          SqlType.DOUBLE,
          scalars.cast(left, SqlType.DOUBLE, position),
          scalars.cast(right, SqlType.DOUBLE, position));
    }
    if (a.isNumeric() && b.isNumeric()) {
      return numeric(op, left, a, right, b, position);
    }
    @Nullable RexNode dated = dated(op, left, a, right, b, position);
    if (dated == null) {
      throw Operators.missing(op.symbol(), Scalars.typeOf(left), Scalars.typeOf(right), position);
    }
    return dated;
  }

  private static SqlType guess(SqlType other) {
    return switch (other.kind()) {
      case TIMESTAMP, TIMESTAMPTZ, TIME -> SqlType.INTERVAL_DAY_TIME;
      default -> other;
    };
  }

  RexNode negate(RexNode operand, Position position) {
    SqlType type = Scalars.typeOf(operand);
    boolean interval =
        type.kind() == Kind.INTERVAL_DAY_TIME || type.kind() == Kind.INTERVAL_YEAR_MONTH;
    if (!type.isNumeric() && !interval) {
      throw Operators.missing("-", SqlType.NULL, type, position);
    }
    @Nullable ConstantOperator constant = ConstantOperator.in(operand);
    @Nullable Object folded = constant == null ? null : ConstantFolding.negate(constant);
    return folded != null ? scalars.constant(folded, type) : scalars.call(Fn.NEGATE, type, operand);
  }

  private RexNode numeric(
      Binary op, RexNode left, SqlType a, RexNode right, SqlType b, Position position) {
    SqlType common = Coercion.commonNumeric(a, b);
    Fn fn = function(op);
    if (common.kind() != Kind.DECIMAL) {
      return call(
          fn, common, scalars.cast(left, common, position), scalars.cast(right, common, position));
    }
    SqlType x = Coercion.asDecimal(a);
    SqlType y = Coercion.asDecimal(b);
    return switch (op) {
      case ADD, SUBTRACT -> {
        SqlType type = Coercion.bounded(common.precision() + 1, common.scale());
        SqlType widerLeft = rescaled(x, common.scale());
        SqlType widerRight = rescaled(y, common.scale());
        yield call(
            fn,
            type,
            scalars.cast(left, widerLeft, position),
            scalars.cast(right, widerRight, position));
      }
      case MULTIPLY -> {
        if (x.scale() + y.scale() > MAX_PRODUCT_SCALE) {
          x = rescaled(x, Math.min(x.scale(), 9));
          y = rescaled(y, Math.min(y.scale(), 9));
        }
        SqlType type = Coercion.bounded(x.precision() + y.precision(), x.scale() + y.scale());
        yield call(fn, type, scalars.cast(left, x, position), scalars.cast(right, y, position));
      }
      case DIVIDE -> {
        int scale = Math.max(DIVISION_SCALE, common.scale());
        SqlType type = SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, scale);
        yield call(fn, type, scalars.cast(left, x, position), scalars.cast(right, y, position));
      }
      default ->
          call(
              fn,
              common,
              scalars.cast(left, common, position),
              scalars.cast(right, common, position));
    };
  }

  /** The type with another scale and the same integer digits. */
  private static SqlType rescaled(SqlType type, int scale) {
    return Coercion.bounded(type.precision() - type.scale() + scale, scale);
  }

  private RexNode call(Fn fn, SqlType type, RexNode left, RexNode right) {
    @Nullable ConstantOperator a = ConstantOperator.in(left);
    @Nullable ConstantOperator b = ConstantOperator.in(right);
    if (a != null && b != null) {
      @Nullable Object folded = ConstantFolding.arithmetic(fn, a, b, type);
      if (folded != null) {
        return scalars.constant(folded, type);
      }
    }
    return scalars.call(fn, type, left, right);
  }

  private static Fn function(Binary op) {
    return switch (op) {
      case ADD -> Fn.ADD;
      case SUBTRACT -> Fn.SUBTRACT;
      case MULTIPLY -> Fn.MULTIPLY;
      case DIVIDE -> Fn.DIVIDE;
      case MODULO -> Fn.MODULO;
      default -> throw new IllegalStateException(op.symbol());
    };
  }

  private @Nullable RexNode dated(
      Binary op, RexNode left, SqlType a, RexNode right, SqlType b, Position position) {
    return switch (op) {
      case ADD ->
          isInterval(a) && isDateTime(b) || isNumeric(a) && b.kind() == Kind.DATE
              ? add(right, b, left, a, position)
              : add(left, a, right, b, position);
      case SUBTRACT -> subtract(left, a, right, b, position);
      case MULTIPLY ->
          isInterval(b) ? scale(right, b, left, a, position) : scale(left, a, right, b, position);
      case DIVIDE -> {
        if (!isInterval(a) || !b.isNumeric()) {
          yield null;
        }
        RexNode inverse =
            scalars.call(
                Fn.DIVIDE,
                SqlType.DOUBLE,
                scalars.constant(1.0, SqlType.DOUBLE),
                scalars.cast(right, SqlType.DOUBLE, position));
        yield scalars.call(Fn.MULTIPLY_INTERVAL, a, left, inverse);
      }
      default -> null;
    };
  }

  private @Nullable RexNode add(
      RexNode left, SqlType a, RexNode right, SqlType b, Position position) {
    if (isDateTime(a) && isInterval(b)) {
      return move(Fn.ADD_INTERVAL, 1, left, a, scalars.cast(right, b, position), position);
    }
    if (isInterval(a) && a.equals(b)) {
      return scalars.call(
          Fn.ADD, a, scalars.cast(left, a, position), scalars.cast(right, a, position));
    }
    if (a.kind() == Kind.DATE && Coercion.isImplicit(b, SqlType.INTEGER)) {
      return scalars.call(
          Fn.ADD_DAYS, SqlType.DATE, left, scalars.cast(right, SqlType.INTEGER, position));
    }
    return null;
  }

  private @Nullable RexNode subtract(
      RexNode left, SqlType a, RexNode right, SqlType b, Position position) {
    if (isDateTime(a) && isInterval(b)) {
      return move(Fn.SUBTRACT_INTERVAL, -1, left, a, scalars.cast(right, b, position), position);
    }
    if (isInterval(a) && a.equals(b)) {
      return scalars.call(
          Fn.SUBTRACT, a, scalars.cast(left, a, position), scalars.cast(right, a, position));
    }
    if (a.kind() == Kind.DATE && Coercion.isImplicit(b, SqlType.INTEGER)) {
      RexNode days = scalars.cast(right, SqlType.INTEGER, position);
      return scalars.call(
          Fn.ADD_DAYS, SqlType.DATE, left, scalars.call(Fn.NEGATE, SqlType.INTEGER, days));
    }
    @Nullable SqlType common = isDateTime(a) && isDateTime(b) ? Coercion.common(a, b) : null;
    if (common == null || common.kind() == Kind.TIME) {
      return null;
    }
    SqlType result = common.kind() == Kind.DATE ? SqlType.INTEGER : SqlType.INTERVAL_DAY_TIME;
    return scalars.call(
        Fn.DATETIME_DIFFERENCE,
        result,
        scalars.cast(left, common, position),
        scalars.cast(right, common, position));
  }

  private @Nullable RexNode move(
      Fn fn, int sign, RexNode from, SqlType type, RexNode interval, Position position) {
    SqlType by = Scalars.typeOf(interval);
    if (type.kind() == Kind.TIME && by.kind() == Kind.INTERVAL_YEAR_MONTH) {
      return null;
    }
    @Nullable ConstantOperator constant = ConstantOperator.in(interval);
    if (type.kind() != Kind.DATE) {
      return scalars.call(fn, type, from, interval);
    }
    if (!ConstantFolding.keepsDate(by, constant)) {
      return scalars.call(
          fn, SqlType.TIMESTAMP, scalars.cast(from, SqlType.TIMESTAMP, position), interval);
    }
    @Nullable ConstantOperator date = ConstantOperator.in(from);
    if (date != null && constant != null) {
      @Nullable Object folded = ConstantFolding.addToDate(date, constant, sign);
      if (folded != null) {
        return scalars.constant(folded, SqlType.DATE);
      }
    }
    return scalars.call(fn, SqlType.DATE, from, interval);
  }

  private @Nullable RexNode scale(
      RexNode interval, SqlType type, RexNode by, SqlType factor, Position position) {
    if (!isInterval(type) || !factor.isNumeric()) {
      return null;
    }
    SqlType target =
        Coercion.isImplicit(factor, SqlType.INTEGER) ? SqlType.INTEGER : SqlType.DOUBLE;
    return scalars.call(Fn.MULTIPLY_INTERVAL, type, interval, scalars.cast(by, target, position));
  }

  private static boolean isNumeric(SqlType type) {
    return type.isNumeric();
  }

  private static boolean isInterval(SqlType type) {
    return type.kind() == Kind.INTERVAL_DAY_TIME || type.kind() == Kind.INTERVAL_YEAR_MONTH;
  }

  private static boolean isDateTime(SqlType type) {
    return switch (type.kind()) {
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> true;
      default -> false;
    };
  }
}

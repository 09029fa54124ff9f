package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Folds the few constant expressions that keys and zone maps profit from: plain literals of another
 * type, {@code 0.06 - 0.01}, {@code date '1998-12-01' - interval '90' day}. Only where the result
 * is exact and beyond doubt; all else is left to the kernels at run time, with their errors.
 */
final class ConstantFolding {
  private static final TextParser TEXT = new TextParser(ZoneOffset.UTC);
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private ConstantFolding() {}

  /** The constant's physical value in another type, null if that is to be found at run time. */
  static @Nullable Object cast(ConstantOperator constant, SqlType to) {
    if (constant.type().equals(to) && !constant.isUnknown()) {
      return constant.value();
    }
    if (constant.type().isText()) {
      String text = new String((byte[]) constant.value(), StandardCharsets.UTF_8);
      return constant.isUnknown() ? fromText(text, to, constant.position()) : null;
    }
    @Nullable BigDecimal number = number(constant);
    return number == null ? null : fromNumber(number, to);
  }

  private static @Nullable Object fromText(String text, SqlType to, Position position) {
    return switch (to.kind()) {
      case VARCHAR -> fits(text, to) ? text.getBytes(StandardCharsets.UTF_8) : null;
      case CHAR -> {
        String stripped = stripBlanks(text);
        yield fits(stripped, to) ? stripped.getBytes(StandardCharsets.UTF_8) : null;
      }
      // Needs the session's time zone.
      case TIMESTAMPTZ, NULL -> null;
      default -> {
        try {
          yield TEXT.parse(text, to);
        } catch (SheafException e) {
          throw e.at(position.line(), position.column());
        }
      }
    };
  }

  private static boolean fits(String text, SqlType to) {
    return to.precision() == SqlType.UNBOUNDED
        || text.codePointCount(0, text.length()) <= to.precision();
  }

  private static String stripBlanks(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  /** The value of an exact numeric constant, null if it is none. */
  static @Nullable BigDecimal number(ConstantOperator constant) {
    return switch (constant.type().kind()) {
      case SMALLINT, INTEGER -> BigDecimal.valueOf((Integer) constant.value());
      case BIGINT -> BigDecimal.valueOf((Long) constant.value());
      case DECIMAL ->
          constant.value() instanceof Long unscaled
              ? BigDecimal.valueOf(unscaled, constant.type().scale())
              : new BigDecimal((BigInteger) constant.value(), constant.type().scale());
      default -> null;
    };
  }

  /** The physical value, null unless the number is one of the type exactly. */
  static @Nullable Object fromNumber(BigDecimal number, SqlType to) {
    try {
      return switch (to.kind()) {
        case SMALLINT -> (int) number.shortValueExact();
        case INTEGER -> number.intValueExact();
        case BIGINT -> number.longValueExact();
        case DECIMAL -> {
          BigDecimal scaled = number.setScale(to.scale(), RoundingMode.UNNECESSARY);
          if (scaled.precision() > to.precision()) {
            yield null;
          }
          yield to.precision() <= SqlType.MAX_LONG_DECIMAL_PRECISION
              ? (Object) scaled.unscaledValue().longValueExact()
              : scaled.unscaledValue();
        }
        case DOUBLE -> number.doubleValue();
        default -> null;
      };
    } catch (ArithmeticException inexact) {
      return null;
    }
  }

  /** {@code a op b} of exact numbers in the result type, null if it is to be computed later. */
  static @Nullable Object arithmetic(Fn fn, ConstantOperator a, ConstantOperator b, SqlType type) {
    @Nullable BigDecimal x = number(a);
    @Nullable BigDecimal y = number(b);
    if (x == null || y == null) {
      return null;
    }
    return switch (fn) {
      case ADD -> fromNumber(x.add(y), type);
      case SUBTRACT -> fromNumber(x.subtract(y), type);
      case MULTIPLY -> fromNumber(x.multiply(y), type);
      default -> null;
    };
  }

  static @Nullable Object negate(ConstantOperator constant) {
    @Nullable BigDecimal number = number(constant);
    if (number != null) {
      return fromNumber(number.negate(), constant.type());
    }
    return switch (constant.type().kind()) {
      case DOUBLE -> -(Double) constant.value();
      case INTERVAL_YEAR_MONTH -> -(Integer) constant.value();
      case INTERVAL_DAY_TIME -> -(Long) constant.value();
      default -> null;
    };
  }

  /**
   * DATE plus (sign 1) or minus (-1) an interval that keeps it a DATE, as days; null if unknown.
   */
  static @Nullable Object addToDate(ConstantOperator date, ConstantOperator interval, int sign) {
    try {
      LocalDate day = LocalDate.ofEpochDay((Integer) date.value());
      LocalDate moved =
          interval.type().kind() == Kind.INTERVAL_YEAR_MONTH
              ? day.plusMonths((long) sign * (Integer) interval.value())
              : day.plusDays(sign * ((Long) interval.value() / MICROS_PER_DAY));
      return moved.getYear() >= 1 && moved.getYear() <= 9999 ? (int) moved.toEpochDay() : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Whether adding the interval to a DATE gives a DATE: months, or whole days. */
  static boolean keepsDate(SqlType interval, @Nullable ConstantOperator constant) {
    return interval.kind() == Kind.INTERVAL_YEAR_MONTH
        || (constant != null && (Long) constant.value() % MICROS_PER_DAY == 0);
  }
}

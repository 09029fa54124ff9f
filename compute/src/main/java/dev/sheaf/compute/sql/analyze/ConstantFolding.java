package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Folds the few constant expressions that keys and zone maps profit from: plain literals of another
 * type, {@code 0.06 - 0.01}, {@code date '1998-12-01' - interval '90' day}. Only where the result
 * is exact and beyond doubt; all else is left to the kernels at run time, with their errors.
 */
final class ConstantFolding {
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,38}(\\.\\d{0,38})?");
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private ConstantFolding() {}

  /** The constant's physical value in another type, null if that is to be found at run time. */
  static @Nullable Object cast(ConstantOperator constant, SqlType to, Position position) {
    if (constant.type().equals(to) && !constant.isUnknown()) {
      return constant.value();
    }
    if (constant.type().isText()) {
      String text = new String((byte[]) constant.value(), StandardCharsets.UTF_8);
      return constant.isUnknown() ? fromText(text, to) : null;
    }
    @Nullable BigDecimal number = number(constant);
    return number == null ? null : fromNumber(number, to);
  }

  private static @Nullable Object fromText(String text, SqlType to) {
    return switch (to.kind()) {
      case VARCHAR ->
          to.precision() == SqlType.UNBOUNDED || text.codePointCount(0, text.length()) <= to.precision()
              ? text.getBytes(StandardCharsets.UTF_8)
              : null;
      case CHAR ->
          to.precision() < 0 || text.stripTrailing().codePointCount(0, text.stripTrailing().length()) <= to.precision()
              ? stripBlanks(text).getBytes(StandardCharsets.UTF_8)
              : null;
      case SMALLINT, INTEGER, BIGINT, DECIMAL, DOUBLE ->
          NUMBER.matcher(text.strip()).matches()
              ? fromNumber(new BigDecimal(text.strip()), to)
              : null;
      case DATE -> DATE.matcher(text).matches() ? date(text) : null;
      default -> null;
    };
  }

  private static String stripBlanks(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  private static @Nullable Object date(String text) {
    try {
      return text.startsWith("0000") ? null : (int) LocalDate.parse(text).toEpochDay();
    } catch (DateTimeException e) {
      return null;
    }
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

  /** DATE plus (sign 1) or minus (-1) an interval that keeps it a DATE, as days; null if unknown. */
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

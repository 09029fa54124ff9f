package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Converts bound parameters to the types that the statement declared. Runs value by value: a
 * parameter batch is small, and bulk ingest never comes here. Pure.
 */
final class ValueCast {
  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  /** Beyond this, rescaling "1e-999999999" would take all memory; no type holds such a number. */
  private static final int MAX_TEXT_EXPONENT = 1000;

  private ValueCast() {}

  static Vec cast(Vec values, SqlType from, Field target) {
    SqlType to = target.type();
    if (from.equals(to) || (sameLayout(from, to))) {
      return values;
    }
    @Nullable Object[] out = new Object[values.size()];
    for (int i = 0; i < out.length; i++) {
      Object value = values.value(i);
      if (value != null) {
        out[i] = cast(value, from, target);
      }
    }
    return VecFiller.of(to.physical(), out);
  }

  /** Same kind, and nothing (length, digits) that the value could break. */
  private static boolean sameLayout(SqlType from, SqlType to) {
    return from.isText() && to.isText() && to.precision() == SqlType.UNBOUNDED;
  }

  private static Object cast(Object value, SqlType from, Field target) {
    SqlType to = target.type();
    return switch (to.kind()) {
      case SMALLINT -> (int) whole(value, from, target, Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> (int) whole(value, from, target, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case BIGINT -> whole(value, from, target, Long.MIN_VALUE, Long.MAX_VALUE);
      case REAL -> real(floating(value, from, target), target);
      case DOUBLE -> floating(value, from, target);
      case DECIMAL -> decimal(value, from, target);
      case BOOLEAN -> bool(value, from, target);
      case NULL, VARCHAR, CHAR -> limited(text(value, from), target);
      case BYTEA -> bytes(value, from, target);
      case UUID -> UuidText.parse(value, from, target);
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> DateTimeCast.cast(value, from, target);
      case INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME -> {
        if (from.kind() != to.kind()) {
          throw mismatch(from, target);
        }
        yield value;
      }
    };
  }

  static SheafException mismatch(SqlType from, Field target) {
    return new SheafException(
            ErrorCode.DATATYPE_MISMATCH,
            "parameter \""
                + target.name()
                + "\" is of type "
                + target.type()
                + ", but a "
                + from
                + " was bound")
        .withHint("Bind a value of the parameter's type or write CAST(? AS type).");
  }

  static SheafException notA(String text, Field target) {
    return new SheafException(
        ErrorCode.INVALID_TEXT_REPRESENTATION,
        "invalid input for type " + target.type() + ": \"" + text + "\"");
  }

  static String utf8(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  private static SheafException outOfRange(Field target) {
    return new SheafException(
        ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE,
        "a value bound to parameter \""
            + target.name()
            + "\" is out of range for type "
            + target.type());
  }

  /** The exact value of a number or of text that spells one. */
  private static BigDecimal exact(Object value, SqlType from, Field target) {
    return switch (from.kind()) {
      case SMALLINT, INTEGER, BIGINT -> BigDecimal.valueOf(((Number) value).longValue());
      case DECIMAL ->
          value instanceof BigInteger wide
              ? new BigDecimal(wide, from.scale())
              : BigDecimal.valueOf((Long) value, from.scale());
      case REAL, DOUBLE -> {
        double number = (Double) value;
        if (Double.isNaN(number) || Double.isInfinite(number)) {
          throw outOfRange(target);
        }
        yield from.kind() == SqlType.Kind.REAL
            ? new BigDecimal(Float.toString((float) number))
            : BigDecimal.valueOf(number);
      }
      case VARCHAR, CHAR -> {
        String text = utf8(value).strip();
        yield parse(text, target);
      }
      default -> throw mismatch(from, target);
    };
  }

  private static BigDecimal parse(String text, Field target) {
    try {
      BigDecimal number = new BigDecimal(text);
      if (Math.abs((long) number.scale()) > MAX_TEXT_EXPONENT) {
        throw outOfRange(target);
      }
      return number;
    } catch (NumberFormatException e) {
      throw notA(text, target);
    }
  }

  private static long whole(Object value, SqlType from, Field target, long min, long max) {
    BigDecimal exact = exact(value, from, target);
    boolean inLong = exact.compareTo(LONG_MIN) >= 0 && exact.compareTo(LONG_MAX) <= 0;
    if (!inLong || exact.compareTo(BigDecimal.valueOf(exact.longValue())) != 0) {
      throw outOfRange(target);
    }
    long whole = exact.longValue();
    if (whole < min || whole > max) {
      throw outOfRange(target);
    }
    return whole;
  }

  private static double floating(Object value, SqlType from, Field target) {
    if (from.kind() == SqlType.Kind.REAL || from.kind() == SqlType.Kind.DOUBLE) {
      return (Double) value;
    }
    if (from.isText()) {
      String text = utf8(value).strip();
      switch (text.toLowerCase(Locale.ROOT)) {
        case "nan":
          return Double.NaN;
        case "infinity", "inf", "+infinity":
          return Double.POSITIVE_INFINITY;
        case "-infinity", "-inf":
          return Double.NEGATIVE_INFINITY;
        default:
          break;
      }
    }
    double number = exact(value, from, target).doubleValue();
    if (Double.isInfinite(number)) {
      throw outOfRange(target);
    }
    return number;
  }

  private static double real(double number, Field target) {
    float narrow = (float) number;
    if (Float.isInfinite(narrow) && !Double.isInfinite(number)) {
      throw outOfRange(target);
    }
    return narrow;
  }

  private static Object decimal(Object value, SqlType from, Field target) {
    SqlType to = target.type();
    BigDecimal exact = exact(value, from, target);
    if (exact.precision() - (long) exact.scale() > SqlType.MAX_DECIMAL_PRECISION + 1L) {
      throw outOfRange(target);
    }
    boolean inexact = from.kind() == SqlType.Kind.REAL || from.kind() == SqlType.Kind.DOUBLE;
    BigInteger unscaled;
    try {
      unscaled =
          exact
              .setScale(to.scale(), inexact ? RoundingMode.HALF_UP : RoundingMode.UNNECESSARY)
              .unscaledValue();
    } catch (ArithmeticException e) {
      throw outOfRange(target)
          .withHint("The value has more than " + to.scale() + " digits after the point.");
    }
    if (!Decimals.fits(unscaled, to.precision())) {
      throw outOfRange(target);
    }
    if (to.precision() <= SqlType.MAX_LONG_DECIMAL_PRECISION) {
      return unscaled.longValueExact();
    }
    return unscaled;
  }

  private static Object bool(Object value, SqlType from, Field target) {
    if (from.kind() == SqlType.Kind.BOOLEAN) {
      return value;
    }
    if (!from.isText()) {
      throw mismatch(from, target);
    }
    String text = utf8(value).strip();
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "t", "true", "y", "yes", "on", "1" -> true;
      case "f", "false", "n", "no", "off", "0" -> false;
      default -> throw notA(text, target);
    };
  }

  private static Object bytes(Object value, SqlType from, Field target) {
    if (from.kind() == SqlType.Kind.BYTEA) {
      return value;
    }
    throw mismatch(from, target);
  }

  private static Object limited(String text, Field target) {
    int limit = target.type().precision();
    if (limit > 0 && text.codePointCount(0, text.length()) > limit) {
      throw new SheafException(
          ErrorCode.STRING_DATA_RIGHT_TRUNCATION, "value too long for type " + target.type());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object value, SqlType from) {
    return switch (from.kind()) {
      case SMALLINT, INTEGER, BIGINT, BOOLEAN -> value.toString();
      case REAL -> Float.toString(((Double) value).floatValue());
      case DOUBLE -> value.toString();
      case DECIMAL ->
          (value instanceof BigInteger wide
                  ? new BigDecimal(wide, from.scale())
                  : BigDecimal.valueOf((Long) value, from.scale()))
              .toPlainString();
      case NULL, VARCHAR, CHAR -> utf8(value);
      case BYTEA -> "\\x" + java.util.HexFormat.of().formatHex((byte[]) value);
      case UUID -> UuidText.format((byte[]) value);
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> DateTimeCast.text(value, from);
      case INTERVAL_YEAR_MONTH -> value + " months";
      case INTERVAL_DAY_TIME ->
          BigDecimal.valueOf((Long) value, 6).stripTrailingZeros().toPlainString() + " seconds";
    };
  }
}

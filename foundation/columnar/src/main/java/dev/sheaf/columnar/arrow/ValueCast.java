package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.text.TextParser;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Converts bound parameters to the types that the statement declared. Runs value by value: a
 * parameter batch is small, and bulk ingest never comes here. A timestamp without a zone counts as
 * UTC where one with a zone is wanted, and the other way round. Pure.
 */
final class ValueCast {
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int UUID_BYTES = 16;
  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final TextParser PARSER = new TextParser(ZoneOffset.UTC);
  private static final TextFormat FORMAT = new TextFormat(ZoneOffset.UTC);

  private ValueCast() {}

  static Vec cast(Vec values, SqlType from, Field target) {
    SqlType to = target.type();
    if (from.equals(to) || isUnlimitedText(from, to)) {
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

  private static boolean isUnlimitedText(SqlType from, SqlType to) {
    return from.isText() && to.isText() && to.precision() == SqlType.UNBOUNDED;
  }

  private static Object cast(Object value, SqlType from, Field target) {
    SqlType to = target.type();
    if (to.isText() || to.kind() == SqlType.Kind.NULL) {
      return limited(FORMAT.format(value, from), target);
    }
    if (from.isText()) {
      return PARSER.parse(new String((byte[]) value, StandardCharsets.UTF_8), to);
    }
    return switch (to.kind()) {
      case SMALLINT -> (int) whole(value, from, target, Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> (int) whole(value, from, target, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case BIGINT -> whole(value, from, target, Long.MIN_VALUE, Long.MAX_VALUE);
      case REAL -> real(floating(value, from, target), target);
      case DOUBLE -> floating(value, from, target);
      case DECIMAL -> decimal(value, from, target);
      case UUID -> {
        if (from.kind() == SqlType.Kind.BYTEA && ((byte[]) value).length == UUID_BYTES) {
          yield value;
        }
        throw mismatch(from, target);
      }
      case DATE, TIMESTAMP, TIMESTAMPTZ -> dateTime(value, from, target);
      case NULL, BOOLEAN, VARCHAR, CHAR, BYTEA, TIME, INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME ->
          throw mismatch(from, target);
    };
  }

  private static SheafException mismatch(SqlType from, Field target) {
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

  private static SheafException outOfRange(Field target) {
    return new SheafException(
        ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE,
        "a value bound to parameter \""
            + target.name()
            + "\" is out of range for type "
            + target.type());
  }

  /** The exact value of a number. */
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
      default -> throw mismatch(from, target);
    };
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
    boolean already = from.kind() == SqlType.Kind.REAL || from.kind() == SqlType.Kind.DOUBLE;
    return already ? (Double) value : exact(value, from, target).doubleValue();
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
    boolean inexact = from.kind() == SqlType.Kind.REAL || from.kind() == SqlType.Kind.DOUBLE;
    RoundingMode rounding = inexact ? RoundingMode.HALF_UP : RoundingMode.UNNECESSARY;
    BigInteger unscaled;
    try {
      unscaled = exact(value, from, target).setScale(to.scale(), rounding).unscaledValue();
    } catch (ArithmeticException e) {
      throw outOfRange(target)
          .withHint("The value has more than " + to.scale() + " digits after the point.");
    }
    if (!Int128.fits(unscaled, to.precision())) {
      throw outOfRange(target);
    }
    if (to.precision() <= SqlType.MAX_LONG_DECIMAL_PRECISION) {
      return unscaled.longValueExact();
    }
    return unscaled;
  }

  private static Object dateTime(Object value, SqlType from, Field target) {
    boolean toDate = target.type().kind() == SqlType.Kind.DATE;
    return switch (from.kind()) {
      case TIMESTAMP, TIMESTAMPTZ -> {
        if (toDate) {
          yield (int) Math.floorDiv((Long) value, MICROS_PER_DAY);
        }
        yield value;
      }
      case DATE -> (Integer) value * MICROS_PER_DAY;
      default -> throw mismatch(from, target);
    };
  }

  private static Object limited(String text, Field target) {
    int limit = target.type().precision();
    if (limit > 0 && text.codePointCount(0, text.length()) > limit) {
      throw new SheafException(
          ErrorCode.STRING_DATA_RIGHT_TRUNCATION, "value too long for type " + target.type());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

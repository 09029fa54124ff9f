package dev.sheaf.columnar.text;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers from text. Pure. */
final class NumberText {
  /** More digits or a longer exponent than this cannot fit any type; refused before the work. */
  private static final int MAX_EXPONENT = 20_000;

  private NumberText() {}

  static long integer(String text, SqlType type, long min, long max) {
    String digits = text.strip();
    int start = digits.startsWith("-") || digits.startsWith("+") ? 1 : 0;
    if (start == digits.length()) {
      throw TextParser.malformed(text, type);
    }
    for (int i = start; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        throw TextParser.malformed(text, type);
      }
    }
    long value;
    try {
      value = Long.parseLong(digits);
    } catch (NumberFormatException tooLong) {
      throw outOfRange(text, type);
    }
    if (value < min || value > max) {
      throw outOfRange(text, type);
    }
    return value;
  }

  static double doublePrecision(String text, SqlType type) {
    String body = text.strip();
    Double special = special(body);
    if (special != null) {
      return special;
    }
    checkDecimalSyntax(body, text, type);
    double value = Double.parseDouble(body);
    if (Double.isInfinite(value) || (value == 0 && hasNonZeroDigit(body))) {
      throw new SheafException(
          ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE,
          "\"" + body + "\" is out of range for type double precision");
    }
    return value;
  }

  static float real(String text, SqlType type) {
    String body = text.strip();
    Double special = special(body);
    if (special != null) {
      return (float) (double) special;
    }
    checkDecimalSyntax(body, text, type);
    float value = Float.parseFloat(body);
    if (Float.isInfinite(value) || (value == 0 && hasNonZeroDigit(body))) {
      throw new SheafException(
          ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "\"" + body + "\" is out of range for type real");
    }
    return value;
  }

  private static @org.jspecify.annotations.Nullable Double special(String body) {
    return switch (body.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "infinity", "+inf", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> null;
    };
  }

  private static boolean hasNonZeroDigit(String body) {
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c == 'e' || c == 'E') {
        return false;
      }
      if (c >= '1' && c <= '9') {
        return true;
      }
    }
    return false;
  }

  /** Digits, point, digits, exponent: Java's parsers accept more (suffixes, hexadecimal). */
  private static void checkDecimalSyntax(String body, String text, SqlType type) {
    int i = body.startsWith("-") || body.startsWith("+") ? 1 : 0;
    int digits = 0;
    boolean point = false;
    for (; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c >= '0' && c <= '9') {
        digits++;
      } else if (c == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    boolean valid = digits > 0;
    if (valid && i < body.length()) {
      valid = body.charAt(i) == 'e' || body.charAt(i) == 'E';
      i++;
      if (i < body.length() && (body.charAt(i) == '-' || body.charAt(i) == '+')) {
        i++;
      }
      valid &= i < body.length();
      for (; i < body.length(); i++) {
        valid &= body.charAt(i) >= '0' && body.charAt(i) <= '9';
      }
    }
    if (!valid) {
      throw TextParser.malformed(text, type);
    }
  }

  static Object decimal(String text, SqlType type) {
    String body = text.strip();
    checkDecimalSyntax(body, text, type);
    int exponentAt = Math.max(body.indexOf('e'), body.indexOf('E'));
    if (body.length() > MAX_EXPONENT || (exponentAt >= 0 && body.length() - exponentAt > 7)) {
      throw fieldOverflow(type);
    }
    var exact = new BigDecimal(body);
    if (exact.signum() != 0 && exact.precision() - exact.scale() > type.precision() + 1L) {
      throw fieldOverflow(type);
    }
    if (exact.signum() != 0 && exact.scale() - exact.precision() > type.scale() + 1L) {
      exact = BigDecimal.ZERO;
    }
    BigInteger unscaled = exact.setScale(type.scale(), RoundingMode.HALF_UP).unscaledValue();
    if (unscaled.abs().compareTo(BigInteger.TEN.pow(type.precision())) >= 0) {
      throw fieldOverflow(type);
    }
    if (type.physical() == PhysicalType.LONG) {
      return unscaled.longValueExact();
    }
    return unscaled;
  }

  static SheafException fieldOverflow(SqlType type) {
    return new SheafException(ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow")
        .withHint(
            "A value of "
                + type
                + " must round to an absolute value less than 10^"
                + (type.precision() - type.scale())
                + ".");
  }

  private static SheafException outOfRange(String text, SqlType type) {
    return new SheafException(
        ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE,
        "value \"" + text + "\" is out of range for type " + type.kind().sqlName());
  }
}

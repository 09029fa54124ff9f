package dev.sheaf.columnar.text;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Intervals from text: {@code 1 year 2 mons}, {@code 3 days 04:05:06.7}, {@code 2 hours ago},
 * {@code 1-2} (years-months) and ISO 8601's {@code P3DT4H}. Pure.
 */
final class IntervalText {
  private static final BigDecimal MICROS_PER_SECOND = BigDecimal.valueOf(1_000_000L);
  private static final Pattern PART =
      Pattern.compile(
          "\\s*(?:([+-])?(\\d+):(\\d{1,2})(?::(\\d{1,2}(?:\\.\\d*)?))?"
              + "|([+-]?\\d*\\.?\\d+)\\s*([A-Za-z]+))");
  private static final Pattern YEARS_MONTHS = Pattern.compile("([+-])?(\\d{1,9})-(\\d{1,2})");
  private static final Pattern ISO =
      Pattern.compile("([+-]?\\d*\\.?\\d+)([YMWDHS])|(T)", Pattern.CASE_INSENSITIVE);

  /** Exact sums, so that overflow is judged once at the end. */
  private BigDecimal months = BigDecimal.ZERO;

  private BigDecimal micros = BigDecimal.ZERO;
  private final String text;
  private final String typeName;

  private IntervalText(String text, String typeName) {
    this.text = text;
    this.typeName = typeName;
  }

  static int yearMonth(String text) {
    var sums = new IntervalText(text, "interval year to month");
    sums.read();
    if (sums.micros.signum() != 0) {
      throw sums.malformed();
    }
    try {
      return sums.months.setScale(0, RoundingMode.HALF_UP).intValueExact();
    } catch (ArithmeticException e) {
      throw sums.outOfRange();
    }
  }

  static long dayTime(String text) {
    var sums = new IntervalText(text, "interval day to second");
    sums.read();
    if (sums.months.signum() != 0) {
      throw sums.malformed();
    }
    try {
      return sums.micros.setScale(0, RoundingMode.HALF_UP).longValueExact();
    } catch (ArithmeticException e) {
      throw sums.outOfRange();
    }
  }

  private SheafException malformed() {
    return new SheafException(
        ErrorCode.INVALID_DATETIME_FORMAT,
        "invalid input syntax for type " + typeName + ": \"" + text + "\"");
  }

  private SheafException outOfRange() {
    return new SheafException(
        ErrorCode.INTERVAL_FIELD_OVERFLOW, "interval field value out of range: \"" + text + "\"");
  }

  private void read() {
    String body = text.strip().toLowerCase(Locale.ROOT);
    boolean ago = body.endsWith(" ago");
    if (ago) {
      body = body.substring(0, body.length() - 4);
    }
    Matcher yearsMonths = YEARS_MONTHS.matcher(body);
    if (body.startsWith("p")) {
      readIso(body.substring(1));
    } else if (yearsMonths.matches()) {
      BigDecimal sum =
          new BigDecimal(yearsMonths.group(2))
              .multiply(BigDecimal.valueOf(12))
              .add(new BigDecimal(yearsMonths.group(3)));
      months = "-".equals(yearsMonths.group(1)) ? sum.negate() : sum;
    } else {
      readParts(body);
    }
    if (ago) {
      months = months.negate();
      micros = micros.negate();
    }
  }

  private void readParts(String body) {
    Matcher m = PART.matcher(body);
    int at = 0;
    while (at < body.length()) {
      if (!m.find(at) || m.start() != at) {
        throw malformed();
      }
      if (m.group(6) != null) {
        add(new BigDecimal(m.group(5)), m.group(6));
      } else {
        BigDecimal seconds =
            new BigDecimal(m.group(2))
                .multiply(BigDecimal.valueOf(3600))
                .add(new BigDecimal(m.group(3)).multiply(BigDecimal.valueOf(60)))
                .add(m.group(4) == null ? BigDecimal.ZERO : new BigDecimal(m.group(4)));
        add("-".equals(m.group(1)) ? seconds.negate() : seconds, "second");
      }
      at = m.end();
    }
    if (at == 0) {
      throw malformed();
    }
  }

  private void readIso(String body) {
    Matcher m = ISO.matcher(body);
    int at = 0;
    boolean time = false;
    while (at < body.length()) {
      if (!m.find(at) || m.start() != at) {
        throw malformed();
      }
      if (m.group(3) != null) {
        time = true;
      } else {
        String unit =
            switch (m.group(2)) {
              case "y" -> "year";
              case "m" -> time ? "minute" : "month";
              case "w" -> "week";
              case "d" -> "day";
              case "h" -> "hour";
              default -> "second";
            };
        add(new BigDecimal(m.group(1)), unit);
      }
      at = m.end();
    }
  }

  private void add(BigDecimal amount, String unit) {
    switch (unit) {
      case "year", "years", "y", "yr", "yrs" -> addMonths(amount, 12);
      case "month", "months", "mon", "mons" -> addMonths(amount, 1);
      case "decade", "decades" -> addMonths(amount, 120);
      case "century", "centuries" -> addMonths(amount, 1200);
      case "week", "weeks", "w" -> addSeconds(amount, 7 * 86_400);
      case "day", "days", "d" -> addSeconds(amount, 86_400);
      case "hour", "hours", "h", "hr", "hrs" -> addSeconds(amount, 3600);
      case "minute", "minutes", "m", "min", "mins" -> addSeconds(amount, 60);
      case "second", "seconds", "s", "sec", "secs" -> addSeconds(amount, 1);
      case "millisecond", "milliseconds", "ms" -> micros = micros.add(amount.movePointRight(3));
      case "microsecond", "microseconds", "us" -> micros = micros.add(amount);
      default -> throw malformed();
    }
  }

  private void addMonths(BigDecimal amount, int factor) {
    months = months.add(amount.multiply(BigDecimal.valueOf(factor)));
  }

  private void addSeconds(BigDecimal amount, int factor) {
    micros = micros.add(amount.multiply(BigDecimal.valueOf(factor)).multiply(MICROS_PER_SECOND));
  }
}

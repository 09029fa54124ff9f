package dev.sheaf.columnar.text;

import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HexFormat;

/**
 * Writes physical values as PostgreSQL's output functions do (ISO dates, shortest exact floats,
 * {@code \x} bytea). Immutable and thread-safe.
 */
public final class TextFormat {
  private static final HexFormat HEX = HexFormat.of();
  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final long MICROS_PER_DAY = 86_400L * MICROS_PER_SECOND;

  private final ZoneId zone;

  /**
   * @param zone in which timestamps with time zone are shown
   */
  public TextFormat(ZoneId zone) {
    this.zone = zone;
  }

  /** The text of a value in its Java form, see {@link dev.sheaf.protocol.type.PhysicalType}. */
  public String format(Object value, SqlType type) {
    return switch (type.kind()) {
      case NULL -> "";
      case BOOLEAN -> (Boolean) value ? "true" : "false";
      case SMALLINT, INTEGER, BIGINT -> value.toString();
      case REAL -> real((float) (double) (Double) value);
      case DOUBLE -> doublePrecision((Double) value);
      case DECIMAL -> decimal(value, type.scale());
      case VARCHAR, CHAR -> new String((byte[]) value, StandardCharsets.UTF_8);
      case BYTEA -> "\\x" + HEX.formatHex((byte[]) value);
      case DATE -> date((Integer) value);
      case TIME -> time((Long) value);
      case TIMESTAMP -> timestamp((Long) value);
      case TIMESTAMPTZ -> timestampWithZone((Long) value);
      case UUID -> uuid((byte[]) value);
      case INTERVAL_YEAR_MONTH -> yearMonth((Integer) value);
      case INTERVAL_DAY_TIME -> dayTime((Long) value);
    };
  }

  private static String decimal(Object unscaled, int scale) {
    BigInteger digits =
        unscaled instanceof BigInteger big ? big : BigInteger.valueOf((Long) unscaled);
    return new BigDecimal(digits, scale).toPlainString();
  }

  static String doublePrecision(double v) {
    return special(v) ? specialName(v) : shortest(Double.toString(v), 15);
  }

  static String real(float v) {
    return special(v) ? specialName(v) : shortest(Float.toString(v), 6);
  }

  private static boolean special(double v) {
    return Double.isNaN(v) || Double.isInfinite(v);
  }

  private static String specialName(double v) {
    return Double.isNaN(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
  }

  /** Java's shortest digits in C's %g layout: scientific below 1e-4 and from 10^maxPlain up. */
  private static String shortest(String java, int maxPlain) {
    var exact = new BigDecimal(java);
    String sign = java.startsWith("-") ? "-" : "";
    if (exact.signum() == 0) {
      return sign + "0";
    }
    BigDecimal stripped = exact.abs().stripTrailingZeros();
    int exponent = stripped.precision() - stripped.scale() - 1;
    if (exponent >= -4 && exponent < maxPlain) {
      return sign + stripped.toPlainString();
    }
    String digits = stripped.unscaledValue().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    int magnitude = Math.abs(exponent);
    return sign + mantissa + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + magnitude;
  }

  private static String date(int days) {
    var out = new StringBuilder(13);
    boolean era = appendDate(out, LocalDate.ofEpochDay(days));
    return era ? out.append(" BC").toString() : out.toString();
  }

  /** Returns whether the year is before Christ, which the caller notes at the end. */
  private static boolean appendDate(StringBuilder out, LocalDate date) {
    int year = date.getYear();
    boolean beforeChrist = year <= 0;
    padded(out, beforeChrist ? 1 - year : year, 4).append('-');
    padded(out, date.getMonthValue(), 2).append('-');
    padded(out, date.getDayOfMonth(), 2);
    return beforeChrist;
  }

  private static StringBuilder padded(StringBuilder out, int value, int width) {
    String digits = Integer.toString(value);
    for (int i = digits.length(); i < width; i++) {
      out.append('0');
    }
    return out.append(digits);
  }

  private static String time(long micros) {
    var out = new StringBuilder(15);
    appendTime(out, micros);
    return out.toString();
  }

  /** Hours may exceed 23 (intervals). */
  private static void appendTime(StringBuilder out, long micros) {
    long seconds = micros / MICROS_PER_SECOND;
    padded(out, (int) (seconds / 3600), 2).append(':');
    padded(out, (int) (seconds / 60 % 60), 2).append(':');
    padded(out, (int) (seconds % 60), 2);
    int fraction = (int) (micros % MICROS_PER_SECOND);
    if (fraction != 0) {
      padded(out.append('.'), fraction, 6);
      while (out.charAt(out.length() - 1) == '0') {
        out.setLength(out.length() - 1);
      }
    }
  }

  private static String timestamp(long micros) {
    var out = new StringBuilder(29);
    boolean era = appendTimestamp(out, micros);
    return era ? out.append(" BC").toString() : out.toString();
  }

  private static boolean appendTimestamp(StringBuilder out, long micros) {
    boolean era = appendDate(out, LocalDate.ofEpochDay(Math.floorDiv(micros, MICROS_PER_DAY)));
    appendTime(out.append(' '), Math.floorMod(micros, MICROS_PER_DAY));
    return era;
  }

  private String timestampWithZone(long micros) {
    long epochSecond = Math.floorDiv(micros, MICROS_PER_SECOND);
    int offset = zone.getRules().getOffset(Instant.ofEpochSecond(epochSecond)).getTotalSeconds();
    var out = new StringBuilder(35);
    boolean era = appendTimestamp(out, micros + offset * MICROS_PER_SECOND);
    out.append(offset < 0 ? '-' : '+');
    int magnitude = Math.abs(offset);
    padded(out, magnitude / 3600, 2);
    if (magnitude % 3600 != 0) {
      padded(out.append(':'), magnitude / 60 % 60, 2);
    }
    if (magnitude % 60 != 0) {
      padded(out.append(':'), magnitude % 60, 2);
    }
    return era ? out.append(" BC").toString() : out.toString();
  }

  private static String uuid(byte[] bytes) {
    String hex = HEX.formatHex(bytes);
    return hex.substring(0, 8)
        + '-'
        + hex.substring(8, 12)
        + '-'
        + hex.substring(12, 16)
        + '-'
        + hex.substring(16, 20)
        + '-'
        + hex.substring(20);
  }

  private static String yearMonth(int months) {
    int years = months / 12;
    int rest = months % 12;
    if (months == 0) {
      return "0 mons";
    }
    String yearPart = years == 0 ? "" : years + (years == 1 ? " year" : " years");
    String monthPart = rest == 0 ? "" : rest + (rest == 1 ? " mon" : " mons");
    return yearPart.isEmpty() || monthPart.isEmpty()
        ? yearPart + monthPart
        : yearPart + " " + monthPart;
  }

  private static String dayTime(long micros) {
    long days = micros / MICROS_PER_DAY;
    long rest = micros % MICROS_PER_DAY;
    var out = new StringBuilder(24);
    if (days != 0) {
      out.append(days).append(days == 1 ? " day" : " days");
      if (rest == 0) {
        return out.toString();
      }
      out.append(' ');
    }
    if (rest < 0) {
      out.append('-');
    }
    appendTime(out, Math.abs(rest));
    return out.toString();
  }
}

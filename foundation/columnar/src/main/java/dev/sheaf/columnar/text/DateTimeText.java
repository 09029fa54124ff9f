package dev.sheaf.columnar.text;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Dates, times and timestamps from ISO 8601 text as PostgreSQL reads it. Thread-safe. */
final class DateTimeText {
  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final long MICROS_PER_DAY = 86_400L * MICROS_PER_SECOND;
  private static final String DATE = "(\\d{4,6})-(\\d{1,2})-(\\d{1,2})|(\\d{4})(\\d{2})(\\d{2})";
  private static final String TIME = "(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d*))?)?";
  private static final String ZONE =
      "\\s*(Z|z|[+-]\\d{1,2}(?::?\\d{2})?(?::?\\d{2})?|[A-Za-z][A-Za-z0-9_/+-]*)?";
  private static final Pattern TIME_ONLY = Pattern.compile(TIME + ZONE);
  private static final Pattern TIMESTAMP =
      Pattern.compile("(?:" + DATE + ")(?:(?:\\s*[Tt]|\\s+)" + TIME + ZONE + ")?(\\s+(?i:BC|AD))?");

  private final ZoneId zone;

  DateTimeText(ZoneId zone) {
    this.zone = zone;
  }

  int date(String text) {
    Matcher m = match(TIMESTAMP, text, "date");
    return (int) epochDay(m, text);
  }

  long time(String text) {
    Matcher m = TIME_ONLY.matcher(text.strip());
    if (m.matches()) {
      return microsOfDay(m, 1, text);
    }
    m = match(TIMESTAMP, text, "time");
    if (m.group(7) == null) {
      throw malformed(text, "time");
    }
    return microsOfDay(m, 7, text);
  }

  /** A zone in the text is checked and ignored, as PostgreSQL does. */
  long timestamp(String text) {
    if (text.strip().equals("epoch")) {
      return 0;
    }
    return localMicros(match(TIMESTAMP, text, "timestamp"), text);
  }

  long timestampWithZone(String text) {
    if (text.strip().equals("epoch")) {
      return 0;
    }
    Matcher m = match(TIMESTAMP, text, "timestamp with time zone");
    long local = localMicros(m, text);
    String zoneText = m.group(11);
    ZoneId from = zoneText == null ? zone : parseZone(zoneText, text);
    return ZonedMicros.toInstant(local, from);
  }

  private static Matcher match(Pattern pattern, String text, String type) {
    Matcher m = pattern.matcher(text.strip());
    if (!m.matches()) {
      throw malformed(text, type);
    }
    return m;
  }

  private static SheafException malformed(String text, String type) {
    return new SheafException(
        ErrorCode.INVALID_DATETIME_FORMAT,
        "invalid input syntax for type " + type + ": \"" + text + "\"");
  }

  private static SheafException outOfRange(String text) {
    return new SheafException(
        ErrorCode.DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"" + text + "\"");
  }

  private static long epochDay(Matcher m, String text) {
    int first = m.group(1) != null ? 1 : 4;
    int year = Integer.parseInt(m.group(first));
    String era = m.group(12);
    if (era != null && era.strip().equalsIgnoreCase("BC")) {
      year = 1 - year;
    } else if (year == 0) {
      throw outOfRange(text);
    }
    try {
      return LocalDate.of(
              year, Integer.parseInt(m.group(first + 1)), Integer.parseInt(m.group(first + 2)))
          .toEpochDay();
    } catch (DateTimeException e) {
      throw outOfRange(text);
    }
  }

  private static long microsOfDay(Matcher m, int group, String text) {
    int hour = Integer.parseInt(m.group(group));
    int minute = Integer.parseInt(m.group(group + 1));
    int second = number(m.group(group + 2));
    long micros = fraction(m.group(group + 3));
    long total = ((hour * 60L + minute) * 60L + second) * MICROS_PER_SECOND + micros;
    if (hour > 24 || minute > 59 || second > 60 || total > MICROS_PER_DAY) {
      throw outOfRange(text);
    }
    return total;
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  /** Microseconds of the digits after the point, rounded. */
  private static long fraction(@Nullable String digits) {
    if (digits == null || digits.isEmpty()) {
      return 0;
    }
    return Math.round(Double.parseDouble("0." + digits) * MICROS_PER_SECOND);
  }

  private static long localMicros(Matcher m, String text) {
    long ofDay = m.group(7) == null ? 0 : microsOfDay(m, 7, text);
    String zoneText = m.group(11);
    if (zoneText != null) {
      parseZone(zoneText, text);
    }
    try {
      return Math.addExact(Math.multiplyExact(epochDay(m, text), MICROS_PER_DAY), ofDay);
    } catch (ArithmeticException e) {
      throw new SheafException(
          ErrorCode.DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"" + text + "\"");
    }
  }

  private static ZoneId parseZone(String zoneText, String text) {
    try {
      char first = zoneText.charAt(0);
      if (first == '+' || first == '-') {
        String digits = zoneText.substring(1).replace(":", "");
        String full = digits.length() % 2 == 1 ? "0" + digits : digits;
        return ZoneOffset.of(first + full.substring(0, 2) + rest(full));
      }
      return zoneText.equalsIgnoreCase("z")
          ? ZoneOffset.UTC
          : ZoneId.of(zoneText, ZoneId.SHORT_IDS);
    } catch (DateTimeException e) {
      if (zoneText.charAt(0) == '+' || zoneText.charAt(0) == '-') {
        throw new SheafException(
            ErrorCode.INVALID_TIME_ZONE_DISPLACEMENT,
            "time zone displacement out of range: \"" + text + "\"");
      }
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "time zone \"" + zoneText + "\" not recognized");
    }
  }

  private static String rest(String digits) {
    return switch (digits.length()) {
      case 2 -> ":00";
      case 4 -> ":" + digits.substring(2);
      default -> ":" + digits.substring(2, 4) + ":" + digits.substring(4);
    };
  }
}

package dev.sheaf.compute.sql;

import dev.sheaf.compute.sql.SqlExpression.IntervalLiteral;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads interval literals in both spellings: {@code interval '3' month}, {@code interval '1-2' year
 * to month} and PostgreSQL's {@code interval '1 day 02:00'}. Months and days do not mix: Sheaf has
 * the standard's two interval types.
 */
final class IntervalParser {
  private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal MINUTE = SECOND.multiply(BigDecimal.valueOf(60));
  private static final BigDecimal HOUR = MINUTE.multiply(BigDecimal.valueOf(60));
  private static final BigDecimal DAY = HOUR.multiply(BigDecimal.valueOf(24));

  private static final Map<String, Integer> MONTHS =
      Map.of(
          "month", 1, "mon", 1, "quarter", 3, "year", 12, "yr", 12, "decade", 120, "century", 1200);
  private static final Map<String, BigDecimal> MICROS =
      Map.ofEntries(
          Map.entry("microsecond", BigDecimal.ONE),
          Map.entry("millisecond", BigDecimal.valueOf(1000)),
          Map.entry("second", SECOND),
          Map.entry("sec", SECOND),
          Map.entry("s", SECOND),
          Map.entry("minute", MINUTE),
          Map.entry("min", MINUTE),
          Map.entry("hour", HOUR),
          Map.entry("hr", HOUR),
          Map.entry("h", HOUR),
          Map.entry("day", DAY),
          Map.entry("d", DAY),
          Map.entry("week", DAY.multiply(BigDecimal.valueOf(7))));

  private static final String NUMBER = "([+-]?\\d+(?:\\.\\d*)?|[+-]?\\.\\d+)";
  private static final Pattern PART =
      Pattern.compile(
          "\\s*(?:([+-]?)(\\d+):(\\d+)(?::(\\d+(?:\\.\\d*)?))?|(\\d+)-(\\d+)|"
              + NUMBER
              + "\\s*([a-zA-Z]*))\\s*");

  private final String text;
  private final Position position;
  private BigDecimal months = BigDecimal.ZERO;
  private BigDecimal micros = BigDecimal.ZERO;
  private boolean hasMonths;
  private boolean hasMicros;

  private IntervalParser(String text, Position position) {
    this.text = text;
    this.position = position;
  }

  /**
   * Reads the qualifier, if one follows the string, and gives the literal.
   *
   * @param text the string
   */
  static IntervalLiteral parse(String text, TokenStream in, Position position) {
    @Nullable String first = qualifier(in);
    @Nullable String last = first;
    if (first != null && in.accept("to")) {
      last = in.label().name();
    }
    return new IntervalParser(text, position).read(first, last);
  }

  private static @Nullable String qualifier(TokenStream in) {
    for (String unit : new String[] {"year", "month", "day", "hour", "minute", "second"}) {
      if (in.accept(unit)) {
        if (in.isSymbol("(")) {
          throw in.position().unsupported("precision of an interval");
        }
        return unit;
      }
    }
    return null;
  }

  private IntervalLiteral read(@Nullable String first, @Nullable String last) {
    String rest = text.strip();
    boolean negateAll = rest.startsWith("-") && first != null && !first.equals(last);
    if (negateAll) {
      rest = rest.substring(1);
    }
    Matcher part = PART.matcher(rest);
    int at = 0;
    while (at < rest.length()) {
      if (!part.find(at) || part.start() != at || part.end() == at) {
        throw invalid();
      }
      add(part, first, last);
      at = part.end();
    }
    if (rest.isEmpty()
        || (hasMonths && hasMicros && months.signum() != 0 && micros.signum() != 0)) {
      throw rest.isEmpty()
          ? invalid()
          : position
              .unsupported("an interval of both months and days")
              .withHint("Add two intervals one after the other.");
    }
    int sign = negateAll ? -1 : 1;
    boolean yearMonth =
        hasMonths && (!hasMicros || micros.signum() == 0)
            || (first != null && (first.equals("year") || first.equals("month")));
    try {
      return yearMonth
          ? new IntervalLiteral(true, sign * months.intValueExact(), 0, position)
          : new IntervalLiteral(
              false,
              0,
              sign * micros.setScale(0, RoundingMode.HALF_EVEN).longValueExact(),
              position);
    } catch (ArithmeticException e) {
      throw position.error(
          ErrorCode.INTERVAL_FIELD_OVERFLOW, "interval out of range: \"" + text + "\"");
    }
  }

  private void add(Matcher part, @Nullable String first, @Nullable String last) {
    if (part.group(2) != null) {
      clock(part, first);
    } else if (part.group(5) != null) {
      months = months.add(new BigDecimal(part.group(5)).multiply(BigDecimal.valueOf(12)));
      months = months.add(new BigDecimal(part.group(6)));
      hasMonths = true;
    } else {
      String unit = part.group(8);
      String named =
          unit.isEmpty() ? (first != null && !first.equals(last) ? first : orSecond(last)) : unit;
      addUnit(new BigDecimal(part.group(7)), named.toLowerCase(Locale.ROOT));
    }
  }

  private static String orSecond(@Nullable String unit) {
    return unit == null ? "second" : unit;
  }

  private void clock(Matcher part, @Nullable String first) {
    boolean minutesFirst = "minute".equals(first) && part.group(4) == null;
    BigDecimal value = new BigDecimal(part.group(2)).multiply(minutesFirst ? MINUTE : HOUR);
    value = value.add(new BigDecimal(part.group(3)).multiply(minutesFirst ? SECOND : MINUTE));
    if (part.group(4) != null) {
      value = value.add(new BigDecimal(part.group(4)).multiply(SECOND));
    }
    micros = part.group(1).equals("-") ? micros.subtract(value) : micros.add(value);
    hasMicros = true;
  }

  private void addUnit(BigDecimal amount, String unit) {
    String singular =
        unit.length() > 2 && unit.endsWith("s") ? unit.substring(0, unit.length() - 1) : unit;
    @Nullable Integer perMonth = MONTHS.get(unit.equals("centuries") ? "century" : singular);
    @Nullable BigDecimal perMicro = MICROS.get(singular);
    if (perMonth != null) {
      months = months.add(amount.multiply(BigDecimal.valueOf(perMonth)));
      hasMonths = true;
    } else if (perMicro != null) {
      micros = micros.add(amount.multiply(perMicro));
      hasMicros = true;
    } else {
      throw invalid();
    }
  }

  private SheafException invalid() {
    return position.error(
        ErrorCode.INVALID_DATETIME_FORMAT, "invalid input syntax for interval: \"" + text + "\"");
  }
}

package dev.sheaf.columnar.text;

import java.time.DateTimeException;
import java.time.LocalDate;

/**
 * Values in the forms that files are full of, read from ASCII bytes without making a String. What
 * is not in such a form, right or wrong, is {@link #OTHER}: {@link TextParser} decides on it. Pure.
 */
public final class PlainText {
  /** Not of the plain form. No value of a plain form is this. */
  public static final long OTHER = Long.MIN_VALUE;

  /** So many digits fit a long, whatever they are. */
  private static final int MAX_DIGITS = 18;

  private static final int DATE_BYTES = 10;

  private PlainText() {}

  /** At most 18 digits, behind a minus or not. */
  public static long integer(byte[] text, int from, int to) {
    return decimal(text, from, to, 0);
  }

  /**
   * The same with at most {@code scale} digits behind a point, as a number of units of 10 to the
   * power of {@code -scale}.
   *
   * @param scale at most 18
   */
  public static long decimal(byte[] text, int from, int to, int scale) {
    boolean negative = from < to && text[from] == '-';
    int at = negative ? from + 1 : from;
    int digitsEnd = at + MAX_DIGITS;
    long value = 0;
    int begin = at;
    for (; at < to && at <= digitsEnd && isDigit(text[at]); at++) {
      value = value * 10 + (text[at] - '0');
    }
    int digits = at - begin;
    int missing = scale;
    if (digits > 0 && at < to && text[at] == '.' && scale > 0) {
      int fraction = ++at;
      for (; at < to && missing > 0 && digits <= MAX_DIGITS && isDigit(text[at]); at++) {
        value = value * 10 + (text[at] - '0');
        digits++;
        missing--;
      }
      if (at == fraction) {
        return OTHER;
      }
    }
    if (at != to || digits == 0 || digits + missing > MAX_DIGITS) {
      return OTHER;
    }
    for (; missing > 0; missing--) {
      value *= 10;
    }
    return negative ? -value : value;
  }

  /** {@code yyyy-mm-dd}, as days since 1970-01-01. */
  public static long date(byte[] text, int from, int to) {
    if (to - from != DATE_BYTES || text[from + 4] != '-' || text[from + 7] != '-') {
      return OTHER;
    }
    int year = digits(text, from, 4);
    int month = digits(text, from + 5, 2);
    int day = digits(text, from + 8, 2);
    if (year < 1 || month < 1 || day < 1) {
      return OTHER;
    }
    try {
      return LocalDate.of(year, month, day).toEpochDay();
    } catch (DateTimeException e) {
      return OTHER;
    }
  }

  /** Negative unless all of them are digits. */
  private static int digits(byte[] text, int from, int count) {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      if (!isDigit(text[i])) {
        return -1;
      }
      value = value * 10 + (text[i] - '0');
    }
    return value;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}

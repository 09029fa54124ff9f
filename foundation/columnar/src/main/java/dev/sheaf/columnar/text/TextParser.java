package dev.sheaf.columnar.text;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads physical values from text as PostgreSQL's input functions do, with its errors: 22P02 for
 * malformed text, 22003 for numbers out of range, 22007 for malformed dates and times, 22008 for
 * their fields out of range. Lengths of VARCHAR and CHAR are not applied: casts do that. Immutable
 * and thread-safe.
 */
public final class TextParser {
  private static final HexFormat HEX = HexFormat.of();

  private final DateTimeText dateTimes;

  /**
   * @param zone of timestamps with time zone that name none
   */
  public TextParser(ZoneId zone) {
    this.dateTimes = new DateTimeText(zone);
  }

  /** The Java form of the value, see {@link dev.sheaf.protocol.type.PhysicalType}. */
  public Object parse(String text, SqlType type) {
    return switch (type.kind()) {
      case NULL -> throw malformed(text, type);
      case BOOLEAN -> parseBoolean(text, type);
      case SMALLINT -> (int) NumberText.integer(text, type, Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> (int) NumberText.integer(text, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case BIGINT -> NumberText.integer(text, type, Long.MIN_VALUE, Long.MAX_VALUE);
      case REAL -> (double) NumberText.real(text, type);
      case DOUBLE -> NumberText.doublePrecision(text, type);
      case DECIMAL -> NumberText.decimal(text, type);
      case VARCHAR, CHAR -> text.getBytes(StandardCharsets.UTF_8);
      case BYTEA -> parseBytea(text, type);
      case UUID -> parseUuid(text, type);
      case DATE -> dateTimes.date(text);
      case TIME -> dateTimes.time(text);
      case TIMESTAMP -> dateTimes.timestamp(text);
      case TIMESTAMPTZ -> dateTimes.timestampWithZone(text);
      case INTERVAL_YEAR_MONTH -> IntervalText.yearMonth(text);
      case INTERVAL_DAY_TIME -> IntervalText.dayTime(text);
    };
  }

  /** As {@link #parse}, null for null. */
  public @Nullable Object parseNullable(@Nullable String text, SqlType type) {
    return text == null ? null : parse(text, type);
  }

  static SheafException malformed(String text, SqlType type) {
    return new SheafException(
        ErrorCode.INVALID_TEXT_REPRESENTATION,
        "invalid input syntax for type " + typeName(type) + ": \"" + text + "\"");
  }

  static String typeName(SqlType type) {
    return type.kind() == SqlType.Kind.DECIMAL ? "numeric" : type.kind().sqlName();
  }

  private static Boolean parseBoolean(String text, SqlType type) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    if (word.isEmpty()) {
      throw malformed(text, type);
    }
    if (word.equals("1")
        || "true".startsWith(word)
        || "yes".startsWith(word)
        || word.equals("on")) {
      return true;
    }
    if (word.equals("0")
        || "false".startsWith(word)
        || "no".startsWith(word)
        || word.equals("off")
        || word.equals("of")) {
      return false;
    }
    throw malformed(text, type);
  }

  private static byte[] parseBytea(String text, SqlType type) {
    if (text.startsWith("\\x")) {
      try {
        return HEX.parseHex(text.substring(2).replaceAll("\\s", ""));
      } catch (IllegalArgumentException e) {
        throw new SheafException(
            ErrorCode.INVALID_TEXT_REPRESENTATION, "invalid hexadecimal data: \"" + text + "\"", e);
      }
    }
    return parseEscaped(text, type);
  }

  /** The old format: backslash and three octal digits, or two backslashes. */
  private static byte[] parseEscaped(String text, SqlType type) {
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream(in.length);
    int i = 0;
    while (i < in.length) {
      if (in[i] != '\\') {
        out.write(in[i++]);
      } else if (i + 1 < in.length && in[i + 1] == '\\') {
        out.write('\\');
        i += 2;
      } else if (i + 3 < in.length
          && in[i + 1] >= '0'
          && in[i + 1] <= '3'
          && octal(in[i + 2])
          && octal(in[i + 3])) {
        out.write((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
        i += 4;
      } else {
        throw malformed(text, type);
      }
    }
    return out.toByteArray();
  }

  private static boolean octal(byte b) {
    return b >= '0' && b <= '7';
  }

  /** Hyphens optional after each group of four digits, braces optional. */
  private static byte[] parseUuid(String text, SqlType type) {
    String body = text.strip();
    if (body.startsWith("{") && body.endsWith("}")) {
      body = body.substring(1, body.length() - 1);
    }
    var digits = new StringBuilder(32);
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      boolean hyphenAllowed = !digits.isEmpty() && digits.length() % 4 == 0;
      if (c != '-' || !hyphenAllowed || body.charAt(i - 1) == '-') {
        digits.append(c);
      }
    }
    try {
      if (digits.length() == 32 && !body.endsWith("-")) {
        return HEX.parseHex(digits);
      }
    } catch (IllegalArgumentException e) {
      throw malformed(text, type);
    }
    throw malformed(text, type);
  }
}

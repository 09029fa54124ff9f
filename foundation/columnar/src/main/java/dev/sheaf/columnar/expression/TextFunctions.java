package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToBool;
import dev.sheaf.columnar.expression.RowFunction.ToBytes;
import dev.sheaf.columnar.expression.RowFunction.ToInt;
import dev.sheaf.columnar.kernel.BytesBuilder;
import dev.sheaf.columnar.kernel.Utf8;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Functions of text, on UTF-8 bytes where that is simple, else by way of Java strings. */
final class TextFunctions {
  /** Longest text that LPAD, RPAD, REPEAT and REPLACE may make. */
  private static final long MAX_RESULT_BYTES = 1L << 28;

  private TextFunctions() {}

  static Evaluator compile(Fn fn, SqlType type, Evaluator[] args) {
    return switch (fn) {
      case CONCAT -> RowFunction.total(type, (ToBytes) TextFunctions::concat, args);
      case CHAR_LENGTH -> RowFunction.total(type, (ToInt) TextFunctions::charLength, args);
      case OCTET_LENGTH ->
          RowFunction.total(type, (ToInt) (in, i) -> ((BytesVec) in[0]).length()[i], args);
      case UPPER ->
          RowFunction.total(
              type,
              (ToBytes) (in, i, out) -> out.append(text(in, 0, i).toUpperCase(Locale.ROOT)),
              args);
      case LOWER ->
          RowFunction.total(
              type,
              (ToBytes) (in, i, out) -> out.append(text(in, 0, i).toLowerCase(Locale.ROOT)),
              args);
      case INITCAP ->
          RowFunction.total(
              type, (ToBytes) (in, i, out) -> out.append(initcap(text(in, 0, i))), args);
      case SUBSTRING -> RowFunction.of(type, (ToBytes) TextFunctions::substring, args);
      case LEFT -> RowFunction.total(type, (ToBytes) (in, i, out) -> side(in, i, out, true), args);
      case RIGHT ->
          RowFunction.total(type, (ToBytes) (in, i, out) -> side(in, i, out, false), args);
      case TRIM_BOTH ->
          RowFunction.total(type, (ToBytes) (in, i, out) -> trim(in, i, out, true, true), args);
      case TRIM_LEADING ->
          RowFunction.total(type, (ToBytes) (in, i, out) -> trim(in, i, out, true, false), args);
      case TRIM_TRAILING ->
          RowFunction.total(type, (ToBytes) (in, i, out) -> trim(in, i, out, false, true), args);
      case LPAD -> RowFunction.of(type, (ToBytes) (in, i, out) -> pad(in, i, out, true), args);
      case RPAD -> RowFunction.of(type, (ToBytes) (in, i, out) -> pad(in, i, out, false), args);
      case POSITION -> RowFunction.total(type, (ToInt) TextFunctions::position, args);
      case REPLACE -> RowFunction.of(type, (ToBytes) TextFunctions::replace, args);
      case REVERSE ->
          RowFunction.total(
              type,
              (ToBytes)
                  (in, i, out) ->
                      out.append(new StringBuilder(text(in, 0, i)).reverse().toString()),
              args);
      case REPEAT -> RowFunction.of(type, (ToBytes) TextFunctions::repeat, args);
      case STARTS_WITH -> RowFunction.total(type, (ToBool) TextFunctions::startsWith, args);
      case ASCII -> RowFunction.total(type, (ToInt) TextFunctions::ascii, args);
      case CHR -> RowFunction.of(type, (ToBytes) TextFunctions::chr, args);
      case SPLIT_PART -> RowFunction.of(type, (ToBytes) TextFunctions::splitPart, args);
      case MD5 -> RowFunction.total(type, (ToBytes) TextFunctions::md5, args);
      default -> throw EvaluationErrors.unsupported(fn, type);
    };
  }

  static String text(Vec[] in, int arg, int row) {
    BytesVec v = (BytesVec) in[arg];
    return new String(v.data(), v.start()[row], v.length()[row], StandardCharsets.UTF_8);
  }

  private static int number(Vec[] in, int arg, int row) {
    return ((IntVec) in[arg]).values()[row];
  }

  private static void concat(Vec[] in, int row, BytesBuilder out) {
    for (Vec arg : in) {
      BytesVec v = (BytesVec) arg;
      out.append(v.data(), v.start()[row], v.length()[row]);
    }
  }

  private static int charLength(Vec[] in, int row) {
    BytesVec v = (BytesVec) in[0];
    return Utf8.length(v.data(), v.start()[row], v.length()[row]);
  }

  private static String initcap(String text) {
    var out = new StringBuilder(text.length());
    boolean inWord = false;
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inWord = Character.isLetterOrDigit(c);
      at += Character.charCount(c);
    }
    return out.toString();
  }

  /** Characters from {@code first} (0-based) to {@code end}, exclusive. */
  private static void characters(BytesVec v, int row, int first, int end, BytesBuilder out) {
    int start = v.start()[row];
    int bytes = v.length()[row];
    int from = Utf8.offset(v.data(), start, bytes, first);
    int length = Utf8.offset(v.data(), start + from, bytes - from, end - first);
    out.append(v.data(), start + from, length);
  }

  private static void substring(Vec[] in, int row, BytesBuilder out) {
    long from = number(in, 1, row) - 1L;
    long end = Integer.MAX_VALUE;
    if (in.length > 2) {
      int length = number(in, 2, row);
      if (length < 0) {
        throw new SheafException(
            ErrorCode.SUBSTRING_ERROR, "negative substring length not allowed");
      }
      end = Math.min(from + length, Integer.MAX_VALUE);
    }
    long first = Math.max(from, 0);
    if (end > first) {
      characters((BytesVec) in[0], row, (int) first, (int) end, out);
    }
  }

  /** LEFT and RIGHT; a negative number leaves out that many characters at the other side. */
  private static void side(Vec[] in, int row, BytesBuilder out, boolean left) {
    int n = number(in, 1, row);
    long length = charLength(in, row);
    long keep = n >= 0 ? Math.min(n, length) : Math.max(0, length + n);
    int first = (int) (left ? 0 : length - keep);
    characters((BytesVec) in[0], row, first, (int) (first + keep), out);
  }

  private static void trim(Vec[] in, int row, BytesBuilder out, boolean lead, boolean trail) {
    String text = text(in, 0, row);
    String set = in.length > 1 ? text(in, 1, row) : " ";
    int from = 0;
    int to = text.length();
    while (lead && from < to && set.indexOf(text.codePointAt(from)) >= 0) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (trail && to > from && set.indexOf(text.codePointBefore(to)) >= 0) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    out.append(text.substring(from, to));
  }

  private static void pad(Vec[] in, int row, BytesBuilder out, boolean left) {
    int want = Math.max(0, number(in, 1, row));
    int have = charLength(in, row);
    if (have >= want) {
      characters((BytesVec) in[0], row, 0, want, out);
      return;
    }
    String filler = in.length > 2 ? text(in, 2, row) : " ";
    int[] points = filler.codePoints().toArray();
    checkSize(4L * want);
    var padding = new StringBuilder();
    for (int i = 0; points.length > 0 && i < want - have; i++) {
      padding.appendCodePoint(points[i % points.length]);
    }
    String text = text(in, 0, row);
    out.append(left ? padding + text : text + padding);
  }

  private static void checkSize(long bytes) {
    if (bytes > MAX_RESULT_BYTES) {
      throw new SheafException(ErrorCode.PROGRAM_LIMIT_EXCEEDED, "requested length too large");
    }
  }

  private static int position(Vec[] in, int row) {
    byte[] needle = ((BytesVec) in[0]).bytes(row);
    BytesVec v = (BytesVec) in[1];
    int at = Utf8.indexOf(v.data(), v.start()[row], v.length()[row], needle);
    return at < 0 ? 0 : Utf8.length(v.data(), v.start()[row], at) + 1;
  }

  private static void replace(Vec[] in, int row, BytesBuilder out) {
    String text = text(in, 0, row);
    String from = text(in, 1, row);
    String to = text(in, 2, row);
    if (from.isEmpty()) {
      out.append(text);
      return;
    }
    checkSize((long) text.length() / from.length() * to.length());
    out.append(text.replace(from, to));
  }

  private static void repeat(Vec[] in, int row, BytesBuilder out) {
    int times = Math.max(0, number(in, 1, row));
    checkSize((long) ((BytesVec) in[0]).length()[row] * times);
    byte[] once = ((BytesVec) in[0]).bytes(row);
    for (int k = 0; once.length > 0 && k < times; k++) {
      out.append(once);
    }
  }

  private static boolean startsWith(Vec[] in, int row) {
    BytesVec v = (BytesVec) in[0];
    BytesVec p = (BytesVec) in[1];
    int length = p.length()[row];
    return v.length()[row] >= length
        && dev.sheaf.columnar.kernel.ByteRanges.equal(
            v.data(), v.start()[row], p.data(), p.start()[row], length);
  }

  private static int ascii(Vec[] in, int row) {
    String text = text(in, 0, row);
    return text.isEmpty() ? 0 : text.codePointAt(0);
  }

  private static void chr(Vec[] in, int row, BytesBuilder out) {
    int code = number(in, 0, row);
    if (code <= 0 || !Character.isValidCodePoint(code) || (code >= 0xD800 && code <= 0xDFFF)) {
      throw new SheafException(
          code == 0 ? ErrorCode.PROGRAM_LIMIT_EXCEEDED : ErrorCode.INVALID_PARAMETER_VALUE,
          code == 0 ? "null character not permitted" : "requested character not valid: " + code);
    }
    out.append(Character.toString(code));
  }

  private static void splitPart(Vec[] in, int row, BytesBuilder out) {
    int n = number(in, 2, row);
    if (n == 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "field position must not be zero");
    }
    String text = text(in, 0, row);
    String delimiter = text(in, 1, row);
    String[] parts =
        delimiter.isEmpty()
            ? new String[] {text}
            : text.split(java.util.regex.Pattern.quote(delimiter), -1);
    int index = n > 0 ? n - 1 : parts.length + n;
    if (index >= 0 && index < parts.length) {
      out.append(parts[index]);
    }
  }

  private static void md5(Vec[] in, int row, BytesBuilder out) {
    BytesVec v = (BytesVec) in[0];
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(v.data(), v.start()[row], v.length()[row]);
      out.append(HexFormat.of().formatHex(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "MD5 is missing from the platform", e);
    }
  }
}

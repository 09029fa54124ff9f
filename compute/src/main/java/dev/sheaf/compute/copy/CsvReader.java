package dev.sheaf.compute.copy;

import dev.sheaf.columnar.kernel.Utf8;
import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Splits CSV (RFC 4180, PostgreSQL's options) into records. Lines end with LF, CRLF or CR; quoted
 * fields may hold line ends, and the quote by doubling it; an unquoted field equal to the null text
 * is NULL. A byte order mark is skipped. Used by one thread.
 *
 * <p>A record's fields are slices of one buffer: what quotes take up is closed by moving the bytes
 * behind them down, so a field never takes more room than its text in the file.
 *
 * <p>Errors: 22P04 unterminated quote; 22021 not UTF-8, or a zero byte; 54000 a record over {@link
 * #MAX_RECORD_BYTES}.
 */
final class CsvReader implements AutoCloseable {
  static final int MAX_RECORD_BYTES = 16 << 20;

  private static final int FIRST_BUFFER_BYTES = 1 << 17;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** What a byte may mean outside of quotes; 0 for the others. */
  private static final byte DELIMITER = 1;

  private static final byte QUOTE = 2;
  private static final byte LINE_FEED = 3;
  private static final byte CARRIAGE_RETURN = 4;
  private static final byte ZERO = 5;
  private static final byte END = 6;

  private final InputStream in;
  private final byte[] nullText;
  private final byte[] meaning = new byte[256];

  private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
  private int limit;

  /** Where the record begins in the buffer. All other places are relative to it. */
  private int base;

  /** The next byte to look at. */
  private int at;

  private int width;
  private int[] start = new int[32];
  private int[] end = new int[32];
  private boolean[] isNull = new boolean[32];
  private boolean ascii;
  private long line = 1;
  private long recordLine = 1;

  CsvReader(InputStream bytes, CopyOptions options) {
    this.in = bytes;
    this.nullText = options.nullText().getBytes(StandardCharsets.UTF_8);
    meaning[0] = ZERO;
    meaning['\n'] = LINE_FEED;
    meaning['\r'] = CARRIAGE_RETURN;
    meaning[options.quote()] = QUOTE;
    meaning[options.delimiter()] = DELIMITER;
    while (limit < BYTE_ORDER_MARK.length && fill()) {
      // A stream may give less than is asked for.
    }
    if (limit >= BYTE_ORDER_MARK.length
        && Arrays.equals(buffer, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, 3)) {
      at = BYTE_ORDER_MARK.length;
    }
  }

  /** The line, from 1, on which the last record began. */
  long recordLine() {
    return recordLine;
  }

  /** Finds the next record's fields, which stay until the next call; false at the end. */
  boolean next() {
    base += at;
    at = 0;
    if (!available()) {
      return false;
    }
    recordLine = line;
    width = 0;
    ascii = true;
    byte ending = field();
    while (ending == DELIMITER) {
      ending = field();
    }
    line++;
    if (!ascii) {
      checkText();
    }
    return true;
  }

  /** Number of fields of the record. */
  int width() {
    return width;
  }

  boolean isNull(int field) {
    return isNull[field];
  }

  /** Where the fields' bytes are. */
  byte[] data() {
    return buffer;
  }

  /** First byte of a field in {@link #data}. */
  int start(int field) {
    return base + start[field];
  }

  /** Behind the last byte of a field. */
  int end(int field) {
    return base + end[field];
  }

  String text(int field) {
    return new String(buffer, start(field), end[field] - start[field], StandardCharsets.UTF_8);
  }

  /** Finds one field and steps over what ends it: its meaning. */
  private byte field() {
    int begin = at;
    int to = at;
    boolean quoted = false;
    while (true) {
      int from = at;
      byte stop = skip(false);
      to = moveDown(from, to);
      if (stop == QUOTE) {
        quoted = true;
        at++;
        to = quotedPart(to);
        continue;
      }
      add(begin, to, quoted);
      if (stop != END) {
        at++;
      }
      if (stop == CARRIAGE_RETURN && available() && buffer[base + at] == '\n') {
        at++;
      }
      return stop;
    }
  }

  /** Steps behind the closing quote; what is between the quotes lies before the result. */
  private int quotedPart(int before) {
    int to = before;
    while (true) {
      int from = at;
      byte stop = skip(true);
      to = moveDown(from, to);
      if (stop == END) {
        throw new SheafException(
            ErrorCode.BAD_COPY_FILE_FORMAT,
            "line " + recordLine + ": unterminated CSV quoted field");
      }
      at++;
      boolean isNext = available();
      if (stop == QUOTE) {
        if (!isNext || meaning[buffer[base + at] & 0xFF] != QUOTE) {
          return to;
        }
        at++;
      } else if (stop == LINE_FEED || !isNext || buffer[base + at] != '\n') {
        line++;
      }
      // The quote that was doubled, or the line end.
      to = moveDown(at - 1, to);
    }
  }

  /** Steps to the next byte that means something; delimiters mean nothing in quotes. */
  private byte skip(boolean inQuotes) {
    int all = 0;
    while (true) {
      int i = base + at;
      byte found = 0;
      for (; i < limit; i++) {
        byte b = buffer[i];
        all |= b;
        found = meaning[b & 0xFF];
        if (found != 0 && !(inQuotes && found == DELIMITER)) {
          break;
        }
      }
      at = i - base;
      ascii &= all >= 0;
      if (i < limit) {
        if (found == ZERO) {
          throw new SheafException(
              ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "line " + line + ": zero byte in text");
        }
        return found;
      }
      if (!fill()) {
        return END;
      }
    }
  }

  /** Moves the bytes from {@code from} up to here to {@code to}; where they end then. */
  private int moveDown(int from, int to) {
    if (from != to) {
      System.arraycopy(buffer, base + from, buffer, base + to, at - from);
    }
    return to + (at - from);
  }

  private void add(int from, int to, boolean quoted) {
    if (width == start.length) {
      start = Arrays.copyOf(start, 2 * width);
      end = Arrays.copyOf(end, 2 * width);
      isNull = Arrays.copyOf(isNull, 2 * width);
    }
    start[width] = from;
    end[width] = to;
    isNull[width] =
        !quoted
            && to - from == nullText.length
            && Arrays.equals(buffer, base + from, base + to, nullText, 0, nullText.length);
    width++;
  }

  private void checkText() {
    for (int f = 0; f < width; f++) {
      if (!Utf8.isValid(buffer, start(f), end[f] - start[f])) {
        throw new SheafException(
            ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "line " + recordLine + ": not UTF-8");
      }
    }
  }

  /** Whether there is a byte at {@link #at}. */
  private boolean available() {
    return base + at < limit || fill();
  }

  /** Reads more behind what there is, keeping the record; false at the end. */
  private boolean fill() {
    if (limit == buffer.length) {
      if (base > 0) {
        System.arraycopy(buffer, base, buffer, 0, limit - base);
        limit -= base;
        base = 0;
      } else if (limit > MAX_RECORD_BYTES) {
        throw new SheafException(
            ErrorCode.PROGRAM_LIMIT_EXCEEDED,
            "line " + recordLine + ": record is longer than " + MAX_RECORD_BYTES + " bytes");
      } else {
        buffer = Arrays.copyOf(buffer, 2 * limit);
      }
    }
    try {
      int count = in.read(buffer, limit, buffer.length - limit);
      limit += Math.max(0, count);
      return count > 0;
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "could not read the file", e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "could not close the file", e);
    }
  }
}

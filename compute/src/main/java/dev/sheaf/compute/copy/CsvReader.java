package dev.sheaf.compute.copy;

import dev.sheaf.compute.sql.ParsedStatement.CopyOptions;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits CSV (RFC 4180, PostgreSQL's options) into records. Lines end with LF, CRLF or CR; quoted
 * fields may hold line ends, and the quote by doubling it; an unquoted field equal to the null text
 * is NULL. A byte order mark is skipped. Used by one thread.
 *
 * <p>Errors: 22P04 unterminated quote; 22021 not UTF-8, or a zero byte; 54000 a record over {@link
 * #MAX_RECORD_CHARS}.
 */
final class CsvReader implements AutoCloseable {
  static final int MAX_RECORD_CHARS = 16 << 20;

  private static final int END = -1;

  private final Reader in;
  private final CopyOptions options;
  private final char[] buffer = new char[1 << 16];
  private int position;
  private int limit;
  private long line = 1;
  private long recordLine = 1;
  private int recordChars;

  CsvReader(InputStream bytes, CopyOptions options) {
    this.in =
        new InputStreamReader(
            bytes,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    this.options = options;
    if (peek() == '\uFEFF') {
      position++;
    }
  }

  /** The line, from 1, on which the last record began. */
  long recordLine() {
    return recordLine;
  }

  /** The next record's fields, null = NULL; null at the end. */
  @Nullable List<@Nullable String> next() {
    if (peek() == END) {
      return null;
    }
    recordLine = line;
    recordChars = 0;
    List<@Nullable String> fields = new ArrayList<>();
    while (true) {
      fields.add(field());
      int c = take();
      if (c != options.delimiter()) {
        endLine(c);
        return fields;
      }
    }
  }

  private void endLine(int c) {
    if (c == '\r' && peek() == '\n') {
      take();
    }
    line++;
  }

  /** Up to, not including, the delimiter, line end or end. */
  private @Nullable String field() {
    var text = new StringBuilder();
    boolean quoted = false;
    while (true) {
      int c = peek();
      if (c == END || c == options.delimiter() || c == '\n' || c == '\r') {
        String value = text.toString();
        return !quoted && value.equals(options.nullText()) ? null : value;
      }
      take();
      if (c == options.quote()) {
        quoted = true;
        quotedPart(text);
      } else {
        text.append((char) c);
      }
    }
  }

  private void quotedPart(StringBuilder text) {
    while (true) {
      int c = take();
      if (c == END) {
        throw new SheafException(
            ErrorCode.BAD_COPY_FILE_FORMAT,
            "line " + recordLine + ": unterminated CSV quoted field");
      }
      if (c == options.quote()) {
        if (peek() != options.quote()) {
          return;
        }
        take();
      } else if (c == '\n' || (c == '\r' && peek() != '\n')) {
        line++;
      }
      text.append((char) c);
    }
  }

  private int take() {
    int c = peek();
    position++;
    if (++recordChars > MAX_RECORD_CHARS) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED,
          "line " + recordLine + ": record is longer than " + MAX_RECORD_CHARS + " characters");
    }
    if (c == 0) {
      throw new SheafException(
          ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "line " + line + ": zero byte in text");
    }
    return c;
  }

  private int peek() {
    if (position >= limit) {
      try {
        limit = Math.max(0, in.read(buffer));
      } catch (CharacterCodingException e) {
        throw new SheafException(
            ErrorCode.CHARACTER_NOT_IN_REPERTOIRE, "line " + line + ": not UTF-8", e);
      } catch (IOException e) {
        throw new SheafException(ErrorCode.IO_ERROR, "could not read the file", e);
      }
      position = 0;
      if (limit == 0) {
        return END;
      }
    }
    return buffer[position];
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

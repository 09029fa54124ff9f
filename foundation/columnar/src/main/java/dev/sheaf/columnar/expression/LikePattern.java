package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Utf8;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A LIKE pattern: pieces between percent signs, each of literal bytes and one-character wildcards.
 * The first piece is anchored at the start, the last at the end, the others match greedily from the
 * left, which is exact for LIKE. Immutable and thread-safe.
 */
final class LikePattern {
  /** Marks {@code _} in a piece; this byte never occurs in UTF-8. */
  private static final byte ANY = (byte) 0xFF;

  private final byte[][] pieces;

  private LikePattern(byte[][] pieces) {
    this.pieces = pieces;
  }

  /**
   * @param escape empty = no escape character
   */
  static LikePattern of(String pattern, String escape) {
    if (escape.codePointCount(0, escape.length()) > 1) {
      throw new SheafException(ErrorCode.INVALID_ESCAPE_SEQUENCE, "invalid escape string")
          .withHint("Escape string must be empty or one character.");
    }
    int escapePoint = escape.isEmpty() ? -1 : escape.codePointAt(0);
    List<byte[]> pieces = new ArrayList<>();
    var piece = new ByteArrayOutputStream();
    for (int at = 0; at < pattern.length(); ) {
      int c = pattern.codePointAt(at);
      at += Character.charCount(c);
      if (c == escapePoint) {
        if (at == pattern.length()) {
          throw new SheafException(
              ErrorCode.INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character");
        }
        int literal = pattern.codePointAt(at);
        at += Character.charCount(literal);
        piece.writeBytes(Character.toString(literal).getBytes(StandardCharsets.UTF_8));
      } else if (c == '%') {
        pieces.add(piece.toByteArray());
        piece.reset();
      } else if (c == '_') {
        piece.write(ANY);
      } else {
        piece.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    pieces.add(piece.toByteArray());
    return new LikePattern(pieces.toArray(byte[][]::new));
  }

  boolean matches(byte[] data, int from, int length) {
    int end = from + length;
    int at = matchAt(pieces[0], data, from, end);
    if (pieces.length == 1) {
      return at == end;
    }
    if (at < 0) {
      return false;
    }
    for (int p = 1; p < pieces.length - 1; p++) {
      at = find(pieces[p], data, at, end);
      if (at < 0) {
        return false;
      }
    }
    return endsWith(pieces[pieces.length - 1], data, at, end);
  }

  /** Where the match of the piece at exactly {@code at} ends, -1 = none. */
  private static int matchAt(byte[] piece, byte[] data, int at, int end) {
    int i = at;
    for (byte b : piece) {
      if (i >= end) {
        return -1;
      }
      if (b == ANY) {
        i += Utf8.width(data[i]);
      } else if (data[i++] != b) {
        return -1;
      }
    }
    return i <= end ? i : -1;
  }

  private static int find(byte[] piece, byte[] data, int from, int end) {
    if (piece.length == 0) {
      return from;
    }
    byte first = piece[0];
    for (int i = from; i < end; i++) {
      // A wildcard must not start inside a character.
      boolean candidate = first == ANY ? (data[i] & 0xC0) != 0x80 : data[i] == first;
      if (candidate) {
        int matched = matchAt(piece, data, i, end);
        if (matched >= 0) {
          return matched;
        }
      }
    }
    return -1;
  }

  private static boolean endsWith(byte[] piece, byte[] data, int from, int end) {
    int wildcards = 0;
    for (byte b : piece) {
      wildcards += b == ANY ? 1 : 0;
    }
    if (wildcards == 0) {
      int at = end - piece.length;
      return at >= from && Arrays.equals(piece, 0, piece.length, data, at, end);
    }
    // Walk back over as many characters as the piece has.
    int characters = wildcards;
    for (byte b : piece) {
      characters += b != ANY && (b & 0xC0) != 0x80 ? 1 : 0;
    }
    int at = end;
    while (characters > 0 && at > from) {
      at--;
      characters -= (data[at] & 0xC0) == 0x80 ? 0 : 1;
    }
    return characters == 0 && matchAt(piece, data, at, end) == end;
  }
}

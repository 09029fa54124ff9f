package dev.sheaf.columnar.kernel;

import java.util.Arrays;

/** Characters (code points) in UTF-8 bytes. Pure. */
public final class Utf8 {
  private Utf8() {}

  /** Number of characters: bytes that do not continue one. */
  public static int length(byte[] data, int from, int bytes) {
    int characters = 0;
    for (int i = from; i < from + bytes; i++) {
      characters += (data[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    return characters;
  }

  /**
   * Offset from {@code from} at which character {@code n} (0-based) starts; {@code bytes} if none.
   */
  public static int offset(byte[] data, int from, int bytes, int n) {
    int seen = 0;
    for (int i = 0; i < bytes; i++) {
      if ((data[from + i] & 0xC0) != 0x80) {
        if (seen == n) {
          return i;
        }
        seen++;
      }
    }
    return bytes;
  }

  /** Bytes of the character that starts here. */
  public static int width(byte first) {
    if (first >= 0) {
      return 1;
    }
    return (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
  }

  /** Whether the bytes are characters, each in its one right form (RFC 3629). */
  public static boolean isValid(byte[] data, int from, int bytes) {
    int end = from + bytes;
    int i = from;
    while (i < end) {
      int first = data[i] & 0xFF;
      if (first < 0x80) {
        i++;
        continue;
      }
      int width = width(data[i]);
      // 0x80-0xC1 continue a character or are longer than need be; from 0xF5 there are none.
      if (first < 0xC2 || first > 0xF4 || end - i < width) {
        return false;
      }
      int second = data[i + 1] & 0xFF;
      int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
      int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
      if (second < least || second > most) {
        return false;
      }
      for (int c = i + 2; c < i + width; c++) {
        if ((data[c] & 0xC0) != 0x80) {
          return false;
        }
      }
      i += width;
    }
    return true;
  }

  /** Where the needle starts in the range, -1 = nowhere; an empty needle starts at 0. */
  public static int indexOf(byte[] data, int from, int bytes, byte[] needle) {
    int last = bytes - needle.length;
    for (int i = 0; i <= last; i++) {
      int at = from + i;
      if (needle.length == 0
          || (data[at] == needle[0]
              && Arrays.equals(data, at, at + needle.length, needle, 0, needle.length))) {
        return i;
      }
    }
    return -1;
  }
}

package dev.sheaf.columnar.codec;

import java.util.Arrays;

/**
 * Reads what {@link ByteSink} wrote. Leaving the bytes is an {@link IndexOutOfBoundsException}: the
 * caller, who knows where the bytes came from, turns it into an error that names the object. Not
 * thread-safe.
 */
public final class ByteCursor {
  private final byte[] bytes;
  private final int end;
  private int at;

  public ByteCursor(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  public int position() {
    return at;
  }

  public int remaining() {
    return end - at;
  }

  public int readByte() {
    return bytes[take(1)];
  }

  public int readInt() {
    return LittleEndian.getInt(bytes, take(4));
  }

  public long readLong() {
    return LittleEndian.getLong(bytes, take(8));
  }

  public int readVarint() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = readByte();
      value |= (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IndexOutOfBoundsException("varint of more than five bytes");
  }

  /** A varint that is a length or a count: not negative, not more than the bytes that are left. */
  public int readCount() {
    int count = readVarint();
    if (count < 0 || count > remaining()) {
      throw new IndexOutOfBoundsException("count " + count + " exceeds the bytes left");
    }
    return count;
  }

  public byte[] readSized() {
    int length = readCount();
    int from = take(length);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  private int take(int length) {
    int from = at;
    if (length > end - from) {
      throw new IndexOutOfBoundsException("at " + from + ", " + length + " more of " + end);
    }
    at = from + length;
    return from;
  }
}

package dev.sheaf.columnar.codec;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;

/** A growing buffer of little-endian fields. Not thread-safe. */
public final class ByteSink {
  /** What a Java array can hold, less room for its header. */
  private static final int MAX_BYTES = Integer.MAX_VALUE - 64;

  private byte[] bytes;
  private int size;

  public ByteSink(int capacity) {
    this.bytes = new byte[capacity];
  }

  public int size() {
    return size;
  }

  /** The buffer itself, valid up to {@link #size} and until the next put. */
  public byte[] array() {
    return bytes;
  }

  /** Forgets the content from {@code newSize} on. */
  public void truncate(int newSize) {
    size = newSize;
  }

  /**
   * Appends {@code count} zero bytes to be filled in place.
   *
   * @return their position in {@link #array}, which has at least 8 bytes of room behind them
   */
  public int reserve(int count) {
    int at = size;
    ensure(count + 8L);
    Arrays.fill(bytes, at, at + count + 8, (byte) 0);
    size = at + count;
    return at;
  }

  public void putByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  public void putShort(int value) {
    ensure(2);
    LittleEndian.putShort(bytes, size, value);
    size += 2;
  }

  public void putInt(int value) {
    ensure(4);
    LittleEndian.putInt(bytes, size, value);
    size += 4;
  }

  public void putLong(long value) {
    ensure(8);
    LittleEndian.putLong(bytes, size, value);
    size += 8;
  }

  /** Unsigned LEB128: 7 bits a byte, low bits first, the top bit says that more follow. */
  public void putVarint(int value) {
    int left = value;
    while ((left & ~0x7F) != 0) {
      putByte(left | 0x80);
      left >>>= 7;
    }
    putByte(left);
  }

  public void putBytes(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  private void ensure(long more) {
    long wanted = size + more;
    if (wanted > bytes.length) {
      if (wanted > MAX_BYTES) {
        throw new SheafException(
            ErrorCode.PROGRAM_LIMIT_EXCEEDED, "a block of a segment would exceed 2 GiB");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(wanted, 2L * bytes.length)));
    }
  }
}

package dev.sheaf.protocol.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array. Fixed-width numbers are big endian; a varint has seven bits per byte, least
 * significant first, the top bit set on all bytes but the last. Not thread-safe.
 */
public final class ByteWriter {
  private byte[] bytes;
  private int size;

  public ByteWriter(int expectedBytes) {
    this.bytes = new byte[Math.max(16, expectedBytes)];
  }

  public int size() {
    return size;
  }

  public ByteWriter u8(int v) {
    reserve(1);
    bytes[size++] = (byte) v;
    return this;
  }

  public ByteWriter u32(int v) {
    return fixed(v, 4);
  }

  public ByteWriter u64(long v) {
    return fixed(v, 8);
  }

  public ByteWriter varint(long v) {
    reserve(10);
    long rest = v;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  /** Bytes without a length. */
  public ByteWriter raw(byte[] v) {
    reserve(v.length);
    System.arraycopy(v, 0, bytes, size, v.length);
    size += v.length;
    return this;
  }

  /** A varint length, then the bytes. */
  public ByteWriter block(byte[] v) {
    return varint(v.length).raw(v);
  }

  /** A varint length, then UTF-8. */
  public ByteWriter text(String v) {
    return block(v.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** CRC-32C of what has been written so far. */
  public int crc32c() {
    return Envelope.crc32c(bytes, 0, size);
  }

  private ByteWriter fixed(long v, int width) {
    reserve(width);
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (v >>> shift);
    }
    return this;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
    }
  }
}

package dev.sheaf.protocol.format;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link ByteWriter} wrote. Every read is checked against the end: XX001, naming the
 * source, when bytes are missing or impossible. Not thread-safe.
 */
public final class ByteReader {
  private final String source;
  private final byte[] bytes;
  private final int end;
  private int at;

  public ByteReader(String source, byte[] bytes) {
    this(source, bytes, 0, bytes.length);
  }

  public ByteReader(String source, byte[] bytes, int from, int end) {
    this.source = source;
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  public int remaining() {
    return end - at;
  }

  public int u8() {
    need(1);
    return bytes[at++] & 0xFF;
  }

  public int u32() {
    return (int) fixed(4);
  }

  public long u64() {
    return fixed(8);
  }

  public long varint() {
    long v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = u8();
      v |= (long) (b & 0x7F) << shift;
      if ((b & 0x80) == 0) {
        return v;
      }
    }
    throw corrupted("an overlong number");
  }

  /**
   * A varint that counts elements which take at least {@code minBytes} each: never more than fit.
   */
  public int count(int minBytes) {
    long n = varint();
    if (n < 0 || n > remaining() / Math.max(1, minBytes)) {
      throw corrupted("an impossible count " + n);
    }
    return (int) n;
  }

  public byte[] raw(int length) {
    need(length);
    byte[] out = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return out;
  }

  public byte[] block() {
    return raw(count(1));
  }

  public String text() {
    return new String(block(), StandardCharsets.UTF_8);
  }

  /** Fails unless all bytes were read. */
  public void end() {
    if (at != end) {
      throw corrupted((end - at) + " bytes too many");
    }
  }

  /** An XX001 that names the source. */
  public SheafException corrupted(String what) {
    return new SheafException(ErrorCode.DATA_CORRUPTED, source + " is damaged: " + what);
  }

  private long fixed(int width) {
    need(width);
    long v = 0;
    for (int i = 0; i < width; i++) {
      v = v << 8 | (bytes[at++] & 0xFF);
    }
    return v;
  }

  private void need(int count) {
    if (count < 0 || count > end - at) {
      throw corrupted("it ends " + (count - (end - at)) + " bytes early");
    }
  }
}

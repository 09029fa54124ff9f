package dev.sheaf.columnar.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Integers of a fixed width of 0 to 56 or 64 bits, back to back, low bits first: value i has the
 * bits {@code [i * width, (i + 1) * width)} of the stream, of which byte 0 holds bits 0 to 7.
 *
 * <pre>
 * width 3:   byte 0              byte 1
 *            |v2.|v1 .|v0 .|     |v5|v4 .|v3 .|v2|      (drawn from the high bit to the low)
 * </pre>
 *
 * Widths 57 to 63 are not used, so that any value lies within one unaligned 64-bit word; eight
 * values fill exactly {@code width} bytes, so the position of each within its eight is a constant
 * of the loop. Arrays that are read need {@link #SLACK_BYTES} readable bytes behind the stream.
 * Pure.
 */
public final class BitPacking {
  public static final int SLACK_BYTES = 8;
  private static final int MAX_PACKED_WIDTH = 56;

  private BitPacking() {}

  /** Bits to store values of {@code 0..range}, an unsigned number. */
  public static int width(long range) {
    int width = Long.SIZE - Long.numberOfLeadingZeros(range);
    return width > MAX_PACKED_WIDTH ? Long.SIZE : width;
  }

  public static int packedBytes(int count, int width) {
    return Math.toIntExact(((long) count * width + 7) >>> 3);
  }

  /** Appends {@code values[0..count) - base}. */
  public static void pack(long[] values, int count, long base, int width, ByteSink out) {
    int at = out.reserve(packedBytes(count, width));
    if (width == 0) {
      return;
    }
    byte[] bytes = out.array();
    long word = 0;
    int used = 0;
    for (int i = 0; i < count; i++) {
      long value = values[i] - base;
      word |= value << used;
      used += width;
      if (used >= Long.SIZE) {
        LittleEndian.putLong(bytes, at, word);
        at += 8;
        used -= Long.SIZE;
        word = used == 0 ? 0 : value >>> (width - used);
      }
    }
    if (used > 0) {
      LittleEndian.putLong(bytes, at, word); // reserve left room for a whole word
    }
  }

  /** One value of the stream that begins at {@code at}. */
  public static long get(byte[] in, int at, int width, int i) {
    if (width == Long.SIZE) {
      return LittleEndian.getLong(in, at + 8 * i);
    }
    int bit = i * width;
    return (LittleEndian.getLong(in, at + (bit >>> 3)) >>> (bit & 7)) & ((1L << width) - 1);
  }

  /** {@code out[to + i] = base + value[from + i]} for {@code count} values. */
  public static void unpack(
      byte[] in, int at, int width, int from, int count, long base, long[] out, int to) {
    if (width == 0) {
      Arrays.fill(out, to, to + count, base);
      return;
    }
    if (width == Long.SIZE) {
      plain(in, at + 8 * from, count, base, out, to);
      return;
    }
    int i = 0;
    for (; i < count && ((from + i) & 7) != 0; i++) {
      out[to + i] = base + get(in, at, width, from + i);
    }
    int eights = (count - i) >>> 3;
    int start = at + ((from + i) >>> 3) * width;
    if (width <= 8) {
      narrowEights(in, start, width, eights, base, out, to + i);
    } else {
      eights(in, start, width, eights, base, out, to + i);
    }
    for (i += eights << 3; i < count; i++) {
      out[to + i] = base + get(in, at, width, from + i);
    }
  }

  /** As {@link #unpack}, for values of at most 32 bits. */
  public static void unpackInts(
      byte[] in, int at, int width, int from, int count, int base, int[] out, int to) {
    if (width == 0) {
      Arrays.fill(out, to, to + count, base);
      return;
    }
    int i = 0;
    for (; i < count && ((from + i) & 7) != 0; i++) {
      out[to + i] = base + (int) get(in, at, width, from + i);
    }
    int eights = (count - i) >>> 3;
    int start = at + ((from + i) >>> 3) * width;
    if (width <= 8) {
      narrowIntEights(in, start, width, eights, base, out, to + i);
    } else {
      intEights(in, start, width, eights, base, out, to + i);
    }
    for (i += eights << 3; i < count; i++) {
      out[to + i] = base + (int) get(in, at, width, from + i);
    }
  }

  private static void plain(byte[] in, int at, int count, long base, long[] out, int to) {
    ByteBuffer.wrap(in, at, 8 * count)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asLongBuffer()
        .get(out, to, count);
    if (base != 0) {
      for (int i = to; i < to + count; i++) {
        out[i] += base;
      }
    }
  }

  /** Width 1 to 8: eight values lie in one word. */
  private static void narrowEights(
      byte[] in, int at, int w, int eights, long base, long[] out, int to) {
    long mask = (1L << w) - 1;
    for (int g = 0; g < eights; g++) {
      long word = LittleEndian.getLong(in, at + g * w);
      int o = to + (g << 3);
      out[o] = base + (word & mask);
      out[o + 1] = base + ((word >>> w) & mask);
      out[o + 2] = base + ((word >>> 2 * w) & mask);
      out[o + 3] = base + ((word >>> 3 * w) & mask);
      out[o + 4] = base + ((word >>> 4 * w) & mask);
      out[o + 5] = base + ((word >>> 5 * w) & mask);
      out[o + 6] = base + ((word >>> 6 * w) & mask);
      out[o + 7] = base + ((word >>> 7 * w) & mask);
    }
  }

  private static void eights(byte[] in, int at, int w, int eights, long base, long[] out, int to) {
    long mask = (1L << w) - 1;
    int b1 = w >>> 3;
    int b2 = (2 * w) >>> 3;
    int b3 = (3 * w) >>> 3;
    int b4 = (4 * w) >>> 3;
    int b5 = (5 * w) >>> 3;
    int b6 = (6 * w) >>> 3;
    int b7 = (7 * w) >>> 3;
    for (int g = 0; g < eights; g++) {
      int p = at + g * w;
      int o = to + (g << 3);
      out[o] = base + (LittleEndian.getLong(in, p) & mask);
      out[o + 1] = base + ((LittleEndian.getLong(in, p + b1) >>> (w & 7)) & mask);
      out[o + 2] = base + ((LittleEndian.getLong(in, p + b2) >>> (2 * w & 7)) & mask);
      out[o + 3] = base + ((LittleEndian.getLong(in, p + b3) >>> (3 * w & 7)) & mask);
      out[o + 4] = base + ((LittleEndian.getLong(in, p + b4) >>> (4 * w & 7)) & mask);
      out[o + 5] = base + ((LittleEndian.getLong(in, p + b5) >>> (5 * w & 7)) & mask);
      out[o + 6] = base + ((LittleEndian.getLong(in, p + b6) >>> (6 * w & 7)) & mask);
      out[o + 7] = base + ((LittleEndian.getLong(in, p + b7) >>> (7 * w & 7)) & mask);
    }
  }

  private static void narrowIntEights(
      byte[] in, int at, int w, int eights, int base, int[] out, int to) {
    int mask = (1 << w) - 1;
    for (int g = 0; g < eights; g++) {
      long word = LittleEndian.getLong(in, at + g * w);
      int o = to + (g << 3);
      out[o] = base + ((int) word & mask);
      out[o + 1] = base + ((int) (word >>> w) & mask);
      out[o + 2] = base + ((int) (word >>> 2 * w) & mask);
      out[o + 3] = base + ((int) (word >>> 3 * w) & mask);
      out[o + 4] = base + ((int) (word >>> 4 * w) & mask);
      out[o + 5] = base + ((int) (word >>> 5 * w) & mask);
      out[o + 6] = base + ((int) (word >>> 6 * w) & mask);
      out[o + 7] = base + ((int) (word >>> 7 * w) & mask);
    }
  }

  private static void intEights(byte[] in, int at, int w, int eights, int base, int[] out, int to) {
    long mask = (1L << w) - 1;
    int b1 = w >>> 3;
    int b2 = (2 * w) >>> 3;
    int b3 = (3 * w) >>> 3;
    int b4 = (4 * w) >>> 3;
    int b5 = (5 * w) >>> 3;
    int b6 = (6 * w) >>> 3;
    int b7 = (7 * w) >>> 3;
    for (int g = 0; g < eights; g++) {
      int p = at + g * w;
      int o = to + (g << 3);
      out[o] = base + (int) (LittleEndian.getLong(in, p) & mask);
      out[o + 1] = base + (int) ((LittleEndian.getLong(in, p + b1) >>> (w & 7)) & mask);
      out[o + 2] = base + (int) ((LittleEndian.getLong(in, p + b2) >>> (2 * w & 7)) & mask);
      out[o + 3] = base + (int) ((LittleEndian.getLong(in, p + b3) >>> (3 * w & 7)) & mask);
      out[o + 4] = base + (int) ((LittleEndian.getLong(in, p + b4) >>> (4 * w & 7)) & mask);
      out[o + 5] = base + (int) ((LittleEndian.getLong(in, p + b5) >>> (5 * w & 7)) & mask);
      out[o + 6] = base + (int) ((LittleEndian.getLong(in, p + b6) >>> (6 * w & 7)) & mask);
      out[o + 7] = base + (int) ((LittleEndian.getLong(in, p + b7) >>> (7 * w & 7)) & mask);
    }
  }
}

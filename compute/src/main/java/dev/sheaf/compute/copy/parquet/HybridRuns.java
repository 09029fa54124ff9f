package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteSink;

/**
 * Parquet's hybrid of run lengths and bit packing: of small numbers of a fixed width.
 *
 * <pre>
 * run:    | varint count << 1 |      value, in whole bytes, little endian |
 * packed: | varint groups << 1 | 1 | groups of 8 values, {@code width} bits each, low bits first |
 * </pre>
 *
 * The last group is filled up with zeros. Pure.
 */
final class HybridRuns {
  private static final int GROUP = 8;

  private HybridRuns() {}

  /** Bits that numbers up to {@code greatest} need. */
  static int widthOf(int greatest) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(greatest);
  }

  static void encode(int[] values, int count, int width, ByteSink out) {
    int at = 0;
    while (at < count) {
      int run = runLength(values, at, count);
      if (run >= GROUP) {
        out.putVarint(run << 1);
        for (int shift = 0; shift < width; shift += Byte.SIZE) {
          out.putByte(values[at] >>> shift);
        }
        at += run;
      } else {
        int end = at + GROUP;
        while (end < count && runLength(values, end, count) < GROUP) {
          end += GROUP;
        }
        out.putVarint((end - at) / GROUP << 1 | 1);
        pack(values, at, end, count, width, out);
        at = end;
      }
    }
  }

  /** Of equal values from here on. */
  private static int runLength(int[] values, int from, int count) {
    int at = from + 1;
    while (at < count && values[at] == values[from]) {
      at++;
    }
    return at - from;
  }

  private static void pack(int[] values, int from, int end, int count, int width, ByteSink out) {
    long bits = 0;
    int held = 0;
    for (int i = from; i < end; i++) {
      long value = i < count ? values[i] : 0;
      bits |= value << held;
      for (held += width; held >= Byte.SIZE; held -= Byte.SIZE) {
        out.putByte((int) bits);
        bits >>>= Byte.SIZE;
      }
    }
  }
}

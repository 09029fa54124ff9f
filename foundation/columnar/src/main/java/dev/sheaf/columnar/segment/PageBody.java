package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.Compression;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.vector.Validity;

/**
 * A page opened: head read, body decompressed. Layout: {@link Page}.
 *
 * @param validityAt where the validity begins in {@code page}, or -1
 * @param bytes holds the body, with slack behind it
 * @param at where the body begins
 */
record PageBody(int kind, byte[] page, int validityAt, byte[] bytes, int at) {

  static PageBody open(Page page, int rows) {
    byte[] bytes = page.bytes();
    int head = bytes[0];
    int at = 1;
    int validityAt = -1;
    if ((head & Page.NULLS) != 0) {
      validityAt = at;
      at += (rows + 7) >>> 3;
    }
    int kind = head & Page.KIND_MASK;
    if ((head & Page.ZSTD) == 0) {
      return new PageBody(kind, bytes, validityAt, bytes, at);
    }
    int rawLength = LittleEndian.getInt(bytes, at);
    byte[] raw = new byte[rawLength + Page.SLACK_BYTES];
    Compression.decompress(bytes, at + 4, page.length() - at - 4, raw, 0, rawLength);
    return new PageBody(kind, bytes, validityAt, raw, 0);
  }

  /** Whether rows of the range may be NULL. */
  boolean mayHaveNulls() {
    return kind == Page.ALL_NULL || validityAt >= 0;
  }

  /**
   * Clears the bits of the NULLs among rows {@code [from, from + count)} in a bitmap of ones, where
   * the first of them has bit {@code to}.
   */
  void markNulls(int from, int count, long[] out, int to) {
    for (int i = 0; i < count; ) {
      // up to the end of a word of the output at a time
      int width = Math.min(count - i, 64 - ((to + i) & 63));
      long present = kind == Page.ALL_NULL ? 0 : bits(from + i, width);
      long mask = width == 64 ? -1L : (1L << width) - 1;
      out[(to + i) >>> 6] &= ~((~present & mask) << ((to + i) & 63));
      i += width;
    }
  }

  private long bits(int from, int width) {
    int at = validityAt + (from >>> 3);
    int shift = from & 7;
    long low = LittleEndian.getLong(page, at) >>> shift;
    if (shift + width <= 64) {
      return low;
    }
    return low | ((page[at + 8] & 0xFFL) << (64 - shift));
  }

  /** Words of validity for {@code count} values, all ones. */
  static long[] noNulls(int count) {
    return Validity.allValid(count);
  }
}

package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.LittleEndian;

/**
 * A page opened: head read, body decompressed. Layout: {@link Page}.
 *
 * @param bytes the page without ZSTD, with slack behind it; validity, if any, begins at 1
 * @param hasNulls whether there is validity
 * @param at where the body begins
 */
record PageBody(int kind, byte[] bytes, boolean hasNulls, int at) {
  private static final int VALIDITY_AT = 1;

  static PageBody open(Page page, int rows) {
    Page raw = page.isCompressed() ? page.inflated(rows) : page;
    int head = raw.bytes()[0];
    return new PageBody(
        head & Page.KIND_MASK, raw.bytes(), (head & Page.NULLS) != 0, raw.bodyAt(rows));
  }

  /** Whether rows of the range may be NULL. */
  boolean mayHaveNulls() {
    return kind == Page.ALL_NULL || hasNulls;
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
    int wordAt = VALIDITY_AT + (from >>> 3);
    int shift = from & 7;
    long low = LittleEndian.getLong(bytes, wordAt) >>> shift;
    if (shift + width <= 64) {
      return low;
    }
    return low | ((bytes[wordAt + 8] & 0xFFL) << (64 - shift));
  }
}

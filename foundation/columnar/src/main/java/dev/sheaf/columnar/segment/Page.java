package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.BitPacking;
import dev.sheaf.columnar.codec.Compression;
import dev.sheaf.columnar.codec.LittleEndian;

/**
 * The stored bytes of one page: up to 4,096 values of one column. The unit of checksum, cache and
 * decoding.
 *
 * <pre>
 * +------------+--------------------------------+------+
 * | head u8    | validity, if head has NULLS    | body |
 * +------------+--------------------------------+------+
 *
 * head      bits 0-3 kind, bit 4 NULLS, bit 5 ZSTD, others 0
 * validity  one bit a row, low bits first, 1 = present, (rows + 7) / 8 bytes
 * body      by kind; with ZSTD: length of the raw body u32, then a zstd frame of it up to the page's end
 *
 * kind            body                                                        columns
 * ALL_NULL    0   nothing                                                     any
 * INTEGERS    1   integer stream of the values                                BOOL INT LONG, timestamps
 * INT128      2   integer stream of the high words, one of the low words      INT128
 * BYTES       3   lengths and data of the values (see {@link BytesPage})      BYTES
 * CODES       4   integer stream of entries of the group's dictionary         BYTES
 * KEYS        5   front-coded keys (see {@link KeyPage})                      the key column
 * DOUBLES     6   integer stream of the IEEE 754 bits                         DOUBLE
 * DECIMALS    7   exponent e u8 | integer stream of m; value = m / 10^e       DOUBLE
 * BLOOM       8   blocks (see {@link BloomFilter})                            the bloom filter
 * PREFIXED    9   front-coded dictionary (see {@link PrefixedPage})           BYTES
 * </pre>
 *
 * A dictionary is a page of kind BYTES or PREFIXED whose rows are its entries, ascending since
 * version 2. The slots of NULLs repeat a neighbour. Row count, length and CRC-32C of a page are in
 * the segment's index.
 *
 * @param bytes the page, with slack behind it that decoders may read
 * @param length bytes of the page itself
 */
record Page(byte[] bytes, int length) implements BlockCache.Cached {
  static final int ROWS = 4096;

  static final int ALL_NULL = 0;
  static final int INTEGERS = 1;
  static final int INT128 = 2;
  static final int BYTES = 3;
  static final int CODES = 4;
  static final int KEYS = 5;
  static final int DOUBLES = 6;
  static final int DECIMALS = 7;
  static final int BLOOM = 8;
  static final int PREFIXED = 9;

  static final int KIND_MASK = 0x0F;
  static final int NULLS = 0x10;
  static final int ZSTD = 0x20;

  /** For a word read at the last byte. */
  static final int SLACK_BYTES = 2 * BitPacking.SLACK_BYTES;

  /** A page cut out of a larger read. */
  static Page copyOf(byte[] source, int from, int length) {
    byte[] bytes = new byte[length + SLACK_BYTES];
    System.arraycopy(source, from, bytes, 0, length);
    return new Page(bytes, length);
  }

  boolean isCompressed() {
    return (bytes[0] & ZSTD) != 0;
  }

  /**
   * The same page without ZSTD.
   *
   * @param rows of the page
   */
  Page inflated(int rows) {
    int bodyAt = bodyAt(rows);
    int rawLength = LittleEndian.getInt(bytes, bodyAt);
    byte[] raw = new byte[bodyAt + rawLength + SLACK_BYTES];
    System.arraycopy(bytes, 0, raw, 0, bodyAt);
    raw[0] &= ~ZSTD;
    Compression.decompress(bytes, bodyAt + 4, length - bodyAt - 4, raw, bodyAt, rawLength);
    return new Page(raw, bodyAt + rawLength);
  }

  /** Where the body of a page of this many rows begins. */
  int bodyAt(int rows) {
    return (bytes[0] & NULLS) == 0 ? 1 : 1 + ((rows + 7) >>> 3);
  }

  @Override
  public long weightBytes() {
    return bytes.length;
  }
}

package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.LittleEndian;

/**
 * A split-block bloom filter (Putze, Sanders and Singler 2007; the variant of Apache Parquet):
 * blocks of eight 32-bit words, of which a key sets one bit each. Some ten bits a key give one
 * false answer in about a hundred. Pure.
 *
 * <pre>
 * +--------------+---------------------+---------------------+----
 * | page head u8 | block 0: 8 x u32    | block 1: 8 x u32    | ...
 * +--------------+---------------------+---------------------+----
 * block of a key  = (high 32 bits of its hash * blocks) >> 32
 * bit of word i   = (low 32 bits of its hash * SALT[i]) >>> 27
 * </pre>
 */
final class BloomFilter {
  private static final int BLOCKS_AT = 1;
  private static final int BLOCK_BYTES = 32;
  private static final int BITS_PER_KEY = 10;
  private static final int[] SALT = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private BloomFilter() {}

  /** Appends a filter of these keys. */
  static void write(long[] hashes, int count, ByteSink out) {
    int blocks = Math.max(1, (int) (((long) count * BITS_PER_KEY + 255) / 256));
    out.putByte(Page.BLOOM);
    int at = out.reserve(blocks * BLOCK_BYTES);
    byte[] bytes = out.array();
    for (int k = 0; k < count; k++) {
      int block = at + BLOCK_BYTES * block(hashes[k], blocks);
      for (int i = 0; i < SALT.length; i++) {
        int word = LittleEndian.getInt(bytes, block + 4 * i);
        LittleEndian.putInt(bytes, block + 4 * i, word | bit(hashes[k], i));
      }
    }
  }

  static boolean mayContain(Page filter, long hash) {
    int block = BLOCKS_AT + BLOCK_BYTES * block(hash, filter.length() / BLOCK_BYTES);
    int missing = 0;
    for (int i = 0; i < SALT.length; i++) {
      missing |= ~LittleEndian.getInt(filter.bytes(), block + 4 * i) & bit(hash, i);
    }
    return missing == 0;
  }

  private static int block(long hash, int blocks) {
    return (int) (((hash >>> 32) * blocks) >>> 32);
  }

  private static int bit(long hash, int i) {
    return 1 << (((int) hash * SALT[i]) >>> 27);
  }
}

package dev.sheaf.protocol.key;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys from {@code startInclusive} up to, not including, {@code endExclusive} (null = no upper
 * bound).
 */
public record KeyRange(byte[] startInclusive, byte @Nullable [] endExclusive) {

  /** All rows of a table. */
  public static KeyRange ofTable(int tableId) {
    byte[] prefix = TableKey.prefix(tableId, TableKey.PRIMARY_INDEX);
    return new KeyRange(prefix, TableKey.prefixEnd(prefix));
  }

  public boolean contains(byte[] key) {
    return Arrays.compareUnsigned(startInclusive, key) <= 0
        && (endExclusive == null || Arrays.compareUnsigned(key, endExclusive) < 0);
  }

  /** Whether it has all keys of the other. */
  public boolean contains(KeyRange other) {
    return Arrays.compareUnsigned(startInclusive, other.startInclusive) <= 0
        && (endExclusive == null
            || (other.endExclusive != null
                && Arrays.compareUnsigned(other.endExclusive, endExclusive) <= 0));
  }

  /** Whether the closed interval [minKey, maxKey] shares a key with this range. */
  public boolean overlaps(byte[] minKey, byte[] maxKey) {
    return Arrays.compareUnsigned(startInclusive, maxKey) <= 0
        && (endExclusive == null || Arrays.compareUnsigned(minKey, endExclusive) < 0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyRange r
        && Arrays.equals(startInclusive, r.startInclusive)
        && Arrays.equals(endExclusive, r.endExclusive);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(startInclusive) + Arrays.hashCode(endExclusive);
  }
}

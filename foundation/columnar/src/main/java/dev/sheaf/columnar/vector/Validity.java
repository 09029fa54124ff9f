package dev.sheaf.columnar.vector;

import org.jspecify.annotations.Nullable;

/** Operations on validity bitmaps as {@link Vec} defines them. Pure. */
public final class Validity {
  private Validity() {}

  public static int words(int size) {
    return (size + 63) >>> 6;
  }

  public static long sizeBytes(long @Nullable [] validity) {
    return validity == null ? 0 : 8L * validity.length;
  }

  /** A bitmap with all {@code size} bits set. */
  public static long[] allValid(int size) {
    long[] words = new long[words(size)];
    java.util.Arrays.fill(words, -1L);
    return words;
  }

  public static void setNull(long[] validity, int i) {
    validity[i >>> 6] &= ~(1L << (i & 63));
  }

  public static void setValid(long[] validity, int i) {
    validity[i >>> 6] |= 1L << (i & 63);
  }

  /** Valid where both are; null (= all valid) when both are null. May return an argument itself. */
  public static long @Nullable [] and(long @Nullable [] a, long @Nullable [] b, int size) {
    if (a == null) {
      return b;
    }
    if (b == null || a == b) {
      return a;
    }
    int n = words(size);
    long[] out = new long[n];
    for (int w = 0; w < n; w++) {
      out[w] = a[w] & b[w];
    }
    return out;
  }

  /** Number of nulls among the first {@code size} values. */
  public static int countNulls(long @Nullable [] validity, int size) {
    if (validity == null) {
      return 0;
    }
    int valid = 0;
    int full = size >>> 6;
    for (int w = 0; w < full; w++) {
      valid += Long.bitCount(validity[w]);
    }
    if ((size & 63) != 0) {
      valid += Long.bitCount(validity[full] & ((1L << (size & 63)) - 1));
    }
    return size - valid;
  }
}

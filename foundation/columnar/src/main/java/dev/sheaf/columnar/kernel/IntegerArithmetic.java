package dev.sheaf.columnar.kernel;

/**
 * Addition, subtraction and multiplication of integers over whole arrays. Each returns a negative
 * number if any slot (also one that is not live) overflowed, whose result is then wrapped: the
 * caller looks again at the live rows.
 */
public final class IntegerArithmetic {
  /** Products of magnitudes below 2^31 fit without a check. */
  private static final long SMALL = 1L << 31;

  private IntegerArithmetic() {}

  public static long add(long[] a, long[] b, long[] out, int n) {
    long overflow = 0;
    for (int i = 0; i < n; i++) {
      long r = a[i] + b[i];
      overflow |= (a[i] ^ r) & (b[i] ^ r);
      out[i] = r;
    }
    return overflow;
  }

  public static long subtract(long[] a, long[] b, long[] out, int n) {
    long overflow = 0;
    for (int i = 0; i < n; i++) {
      long r = a[i] - b[i];
      overflow |= (a[i] ^ b[i]) & (a[i] ^ r);
      out[i] = r;
    }
    return overflow;
  }

  public static long multiply(long[] a, long[] b, long[] out, int n) {
    if (small(a, n) && small(b, n)) {
      multiplyUnchecked(a, b, out, n);
      return 0;
    }
    long overflow = 0;
    for (int i = 0; i < n; i++) {
      long r = a[i] * b[i];
      long wrong = Math.multiplyHigh(a[i], b[i]) ^ (r >> 63);
      overflow |= wrong | -wrong;
      out[i] = r;
    }
    return overflow;
  }

  /** Whether every |value| is below 2^31. */
  private static boolean small(long[] a, int n) {
    long bits = 0;
    for (int i = 0; i < n; i++) {
      bits |= a[i] ^ (a[i] >> 63);
    }
    return bits < SMALL;
  }

  /** Whether all products certainly fit into 64 bits. */
  public static boolean productsFit(long[] a, long[] b, int n) {
    int free =
        Long.numberOfLeadingZeros(magnitude(a, n)) + Long.numberOfLeadingZeros(magnitude(b, n));
    return free >= Long.SIZE + 2;
  }

  private static long magnitude(long[] values, int n) {
    long bits = 0;
    for (int i = 0; i < n; i++) {
      bits |= values[i] ^ (values[i] >> 63);
    }
    return bits;
  }

  /** For operands whose types prove that the product fits. */
  public static void multiplyUnchecked(long[] a, long[] b, long[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = a[i] * b[i];
    }
  }

  public static long add(int[] a, int[] b, int[] out, int n) {
    int overflow = 0;
    for (int i = 0; i < n; i++) {
      int r = a[i] + b[i];
      overflow |= (a[i] ^ r) & (b[i] ^ r);
      out[i] = r;
    }
    return overflow;
  }

  public static long subtract(int[] a, int[] b, int[] out, int n) {
    int overflow = 0;
    for (int i = 0; i < n; i++) {
      int r = a[i] - b[i];
      overflow |= (a[i] ^ b[i]) & (a[i] ^ r);
      out[i] = r;
    }
    return overflow;
  }

  public static long multiply(int[] a, int[] b, int[] out, int n) {
    long overflow = 0;
    for (int i = 0; i < n; i++) {
      long r = (long) a[i] * b[i];
      long wrong = (r >> 31) ^ (r >> 63);
      overflow |= wrong | -wrong;
      out[i] = (int) r;
    }
    return overflow;
  }

  /** Negative if a value lies outside SMALLINT. */
  public static long outsideSmallint(int[] a, int n) {
    int outside = 0;
    for (int i = 0; i < n; i++) {
      int wrong = (a[i] >> 15) ^ (a[i] >> 31);
      outside |= wrong | -wrong;
    }
    return outside;
  }
}

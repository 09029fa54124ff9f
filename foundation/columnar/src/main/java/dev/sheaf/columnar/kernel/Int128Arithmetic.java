package dev.sheaf.columnar.kernel;

/**
 * 128-bit sums and products over whole arrays; numbers are pairs of arrays (high, low words).
 * DECIMALs of precision 38 leave more than a bit of room, so a sum of two never wraps. The caller
 * checks results against the type's precision.
 */
public final class Int128Arithmetic {
  private Int128Arithmetic() {}

  public static void add(
      long[] aHigh, long[] aLow, long[] bHigh, long[] bLow, long[] high, long[] low, int n) {
    for (int i = 0; i < n; i++) {
      long l = aLow[i] + bLow[i];
      high[i] = aHigh[i] + bHigh[i] + Selections.unsignedLess(l, aLow[i]);
      low[i] = l;
    }
  }

  public static void subtract(
      long[] aHigh, long[] aLow, long[] bHigh, long[] bLow, long[] high, long[] low, int n) {
    for (int i = 0; i < n; i++) {
      long borrow = Selections.unsignedLess(aLow[i], bLow[i]);
      high[i] = aHigh[i] - bHigh[i] - borrow;
      low[i] = aLow[i] - bLow[i];
    }
  }

  /** The exact product of 64-bit factors. */
  public static void multiply(long[] a, long[] b, long[] high, long[] low, int n) {
    for (int i = 0; i < n; i++) {
      high[i] = Math.multiplyHigh(a[i], b[i]);
      low[i] = a[i] * b[i];
    }
  }

  /**
   * 128 x 64 bits, modulo 2^128. Returns a negative number if some product may have wrapped; then
   * results are not to be used.
   */
  public static long multiply(long[] aHigh, long[] aLow, long[] b, long[] high, long[] low, int n) {
    long wrapped = 0;
    for (int i = 0; i < n; i++) {
      long factor = b[i];
      // Unsigned low word times signed factor, then the high word's share.
      long carry = Math.multiplyHigh(aLow[i], factor) + ((aLow[i] >> 63) & factor);
      long upper = aHigh[i] * factor;
      long upperHigh = Math.multiplyHigh(aHigh[i], factor);
      long h = upper + carry;
      long sumOverflow = (upper ^ h) & (carry ^ h);
      long productOverflow = upperHigh ^ (upper >> 63);
      wrapped |= sumOverflow | productOverflow | -productOverflow;
      high[i] = h;
      low[i] = aLow[i] * factor;
    }
    return wrapped;
  }

  public static void widen(long[] in, long[] high, int n) {
    for (int i = 0; i < n; i++) {
      high[i] = in[i] >> 63;
    }
  }

  /** OR of the high words' magnitudes: an upper bound within a factor of two of the greatest. */
  public static long magnitude(long[] high, int n) {
    long bits = 0;
    for (int i = 0; i < n; i++) {
      bits |= high[i] ^ (high[i] >> 63);
    }
    return bits;
  }
}

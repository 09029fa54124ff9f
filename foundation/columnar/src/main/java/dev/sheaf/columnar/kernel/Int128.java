package dev.sheaf.columnar.kernel;

import java.math.BigInteger;

/**
 * Arithmetic on 128-bit two's complement numbers held as two words, and bounds of DECIMALs. Pure.
 */
public final class Int128 {
  private static final long[] LONG_POWERS = new long[19];
  private static final BigInteger[] POWERS = new BigInteger[78];
  private static final long[] POWER_HIGH = new long[39];
  private static final long[] POWER_LOW = new long[39];

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = BigInteger.TEN.pow(i);
      if (i < LONG_POWERS.length) {
        LONG_POWERS[i] = POWERS[i].longValueExact();
      }
      if (i < POWER_HIGH.length) {
        POWER_HIGH[i] = POWERS[i].shiftRight(64).longValue();
        POWER_LOW[i] = POWERS[i].longValue();
      }
    }
  }

  private Int128() {}

  /** 10^exponent, exponent 0..18. */
  public static long longPower(int exponent) {
    return LONG_POWERS[exponent];
  }

  /** 10^exponent, exponent 0..77. */
  public static BigInteger power(int exponent) {
    return POWERS[exponent];
  }

  /** Whether |value| < 10^precision. */
  public static boolean fits(long high, long low, int precision) {
    // -(high:low) = ~(high:low) + 1
    long magnitudeLow = high < 0 ? -low : low;
    long magnitudeHigh = high < 0 ? ~high + (low == 0 ? 1 : 0) : high;
    int c = Long.compareUnsigned(magnitudeHigh, POWER_HIGH[precision]);
    return c < 0 || (c == 0 && Long.compareUnsigned(magnitudeLow, POWER_LOW[precision]) < 0);
  }

  /** Whether |value| < 10^precision. */
  public static boolean fits(BigInteger value, int precision) {
    return value.abs().compareTo(POWERS[precision]) < 0;
  }

  /** Whether |value| < 10^precision, precision 0..18. */
  public static boolean fits(long value, int precision) {
    long bound = LONG_POWERS[precision];
    return value < bound && value > -bound;
  }

  /** High word of 10^precision: a number with a smaller high word in magnitude fits. */
  public static long powerHigh(int precision) {
    return POWER_HIGH[precision];
  }

  public static int compare(long aHigh, long aLow, long bHigh, long bLow) {
    int c = Long.compare(aHigh, bHigh);
    return c != 0 ? c : Long.compareUnsigned(aLow, bLow);
  }

  /** Quotient rounded half away from zero. */
  public static BigInteger divideRounded(BigInteger dividend, BigInteger divisor) {
    BigInteger[] parts = dividend.divideAndRemainder(divisor);
    boolean up = parts[1].abs().shiftLeft(1).compareTo(divisor.abs()) >= 0;
    if (!up) {
      return parts[0];
    }
    return dividend.signum() * divisor.signum() < 0
        ? parts[0].subtract(BigInteger.ONE)
        : parts[0].add(BigInteger.ONE);
  }

  /** Quotient rounded half away from zero; the divisor is positive. */
  public static long divideRounded(long dividend, long divisor) {
    long quotient = dividend / divisor;
    long rest = Math.abs(dividend - quotient * divisor);
    // rest >= divisor - rest is rest * 2 >= divisor without overflow.
    return rest >= divisor - rest ? quotient + (dividend < 0 ? -1 : 1) : quotient;
  }

  public static double toDouble(long high, long low) {
    if (high == low >> 63) {
      return low;
    }
    return dev.sheaf.columnar.vector.Vec.Int128Vec.toBigInteger(high, low).doubleValue();
  }
}

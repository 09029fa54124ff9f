package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;

/** Limits of 128-bit decimals. Pure. */
final class Decimals {
  private static final BigInteger[] POWERS = new BigInteger[SqlType.MAX_DECIMAL_PRECISION + 1];

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = BigInteger.TEN.pow(i);
    }
  }

  private Decimals() {}

  /** Has the 128-bit unscaled value at most {@code precision} digits? */
  static boolean fits(long high, long low, int precision) {
    if (high == low >> 63 && precision >= 19) {
      return true;
    }
    if (high == low >> 63 && low != Long.MIN_VALUE) {
      return Math.abs(low) < POWERS[precision].longValueExact();
    }
    return fits(Int128Vec.toBigInteger(high, low), precision);
  }

  static boolean fits(BigInteger unscaled, int precision) {
    return unscaled.abs().compareTo(POWERS[precision]) < 0;
  }
}

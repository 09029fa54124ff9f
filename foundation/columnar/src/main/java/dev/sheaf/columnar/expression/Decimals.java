package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Unscaled DECIMAL values in vectors. */
final class Decimals {
  private Decimals() {}

  /** The value of an integer or DECIMAL vector. */
  static BigInteger unscaled(Vec vec, int row) {
    return switch (vec) {
      case IntVec v -> BigInteger.valueOf(v.values()[row]);
      case LongVec v -> BigInteger.valueOf(v.values()[row]);
      case Int128Vec v -> Int128Vec.toBigInteger(v.high()[row], v.low()[row]);
      default -> throw new IllegalArgumentException("not a number vector: " + vec.type());
    };
  }

  /** Rounds half away from zero when digits are lost. */
  static BigInteger rescale(BigInteger unscaled, int from, int to) {
    return to >= from
        ? unscaled.multiply(Int128.power(to - from))
        : Int128.divideRounded(unscaled, Int128.power(from - to));
  }

  /** To the type's physical form; values already fit the type. */
  static Vec narrow(Int128Vec vec, SqlType type) {
    return type.physical() == PhysicalType.INT128
        ? vec
        : new LongVec(vec.low(), vec.validity(), vec.size());
  }

  /** A DECIMAL vector being filled; a value that does not fit the precision is 22003. */
  static final class Output {
    private final SqlType type;
    private final boolean wide;
    private final long[] high;
    private final long[] low;
    private final BigInteger bound;

    Output(SqlType type, int rows) {
      this.type = type;
      this.wide = type.physical() == PhysicalType.INT128;
      this.high = new long[wide ? rows : 0];
      this.low = new long[rows];
      this.bound = Int128.power(type.precision());
    }

    void set(int row, BigInteger unscaled) {
      if (unscaled.abs().compareTo(bound) >= 0) {
        throw EvaluationErrors.outOfRange(type);
      }
      low[row] = unscaled.longValue();
      if (wide) {
        high[row] = unscaled.shiftRight(64).longValue();
      }
    }

    Vec build(long @Nullable [] validity) {
      return wide
          ? new Int128Vec(high, low, validity, low.length)
          : new LongVec(low, validity, low.length);
    }
  }
}

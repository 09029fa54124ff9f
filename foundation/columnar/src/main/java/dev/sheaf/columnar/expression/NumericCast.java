package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Between numeric types. DECIMAL to integer rounds half away from zero, double to integer half to
 * even, double to DECIMAL by way of its 15 (REAL: 6) significant digits, as PostgreSQL does.
 */
final class NumericCast extends StrictFunction {
  private final SqlType from;

  NumericCast(Evaluator arg, SqlType to) {
    super(to, arg);
    this.from = arg.type();
  }

  @Override
  Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
    Vec vec = in[0];
    return switch (type().kind()) {
      case DOUBLE, REAL -> toDouble(vec, validity, batch);
      case DECIMAL ->
          vec instanceof DoubleVec v ? doubleToDecimal(v, batch) : toDecimal(vec, batch);
      default -> toInteger(vec, validity, batch);
    };
  }

  private Vec toDouble(Vec vec, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    double[] out = new double[n];
    switch (vec) {
      case IntVec v -> {
        for (int i = 0; i < n; i++) {
          out[i] = v.values()[i];
        }
      }
      case LongVec v -> longsToDouble(v.values(), out, n);
      case DoubleVec v -> System.arraycopy(v.values(), 0, out, 0, n);
      default -> {
        LiveRows live = live(batch, validity);
        for (int k = 0; k < live.count(); k++) {
          int i = live.rows()[k];
          out[i] = new BigDecimal(Decimals.unscaled(vec, i), from.scale()).doubleValue();
        }
      }
    }
    if (type().kind() == SqlType.Kind.REAL) {
      toReal(out, live(batch, validity));
    }
    return new DoubleVec(out, validity, n);
  }

  /** A division of two doubles that are both exact is rounded correctly; others go the long way. */
  private void longsToDouble(long[] in, double[] out, int n) {
    double unit = Int128.power(from.scale()).doubleValue();
    for (int i = 0; i < n; i++) {
      out[i] =
          Math.abs(in[i]) < 1L << 53 || from.scale() == 0
              ? in[i] / unit
              : BigDecimal.valueOf(in[i], from.scale()).doubleValue();
    }
  }

  private static void toReal(double[] out, LiveRows live) {
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      float f = (float) out[i];
      if (Float.isInfinite(f) && !Double.isInfinite(out[i])) {
        throw EvaluationErrors.floatOverflow();
      }
      out[i] = f;
    }
  }

  private Vec toInteger(Vec vec, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    if (vec instanceof IntVec v && type().kind() == SqlType.Kind.BIGINT) {
      long[] out = new long[n];
      for (int i = 0; i < n; i++) {
        out[i] = v.values()[i];
      }
      return new LongVec(out, validity, n);
    }
    if (vec instanceof IntVec && type().kind() == SqlType.Kind.INTEGER) {
      return vec;
    }
    long[] longs = new long[n];
    LiveRows live = live(batch, validity);
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      longs[i] = integer(vec, i);
    }
    if (type().physical() == PhysicalType.LONG) {
      return new LongVec(longs, validity, n);
    }
    int[] out = new int[n];
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      boolean fits =
          type().kind() == SqlType.Kind.SMALLINT
              ? longs[i] == (short) longs[i]
              : longs[i] == (int) longs[i];
      if (!fits) {
        throw EvaluationErrors.outOfRange(type());
      }
      out[i] = (int) longs[i];
    }
    return new IntVec(out, validity, n);
  }

  private long integer(Vec vec, int row) {
    return switch (vec) {
      case IntVec v -> v.values()[row];
      case LongVec v ->
          from.scale() == 0
              ? v.values()[row]
              : Int128.divideRounded(v.values()[row], Int128.longPower(from.scale()));
      case DoubleVec v -> {
        double rounded = Math.rint(v.values()[row]);
        if (!(rounded >= -0x1p63 && rounded < 0x1p63)) {
          throw EvaluationErrors.outOfRange(type());
        }
        yield (long) rounded;
      }
      default -> {
        BigInteger rounded = Decimals.rescale(Decimals.unscaled(vec, row), from.scale(), 0);
        if (rounded.bitLength() > 63) {
          throw EvaluationErrors.outOfRange(type());
        }
        yield rounded.longValue();
      }
    };
  }

  private Vec toDecimal(Vec vec, Batch batch) {
    int shift = type().scale() - from.scale();
    int digits =
        switch (from.kind()) {
          case SMALLINT -> 5;
          case INTEGER -> 10;
          case BIGINT -> 19;
          default -> from.precision();
        };
    boolean fits = digits + shift <= type().precision();
    int n = batch.rows();
    if (fits && shift >= 0 && shift <= 18 && !(vec instanceof Int128Vec)) {
      return scaledUp(vec, Int128.longPower(shift), n);
    }
    if (fits && shift == 0) {
      return vec;
    }
    var out = new Decimals.Output(type(), n);
    LiveRows live = live(batch, vec.validity());
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      out.set(i, Decimals.rescale(Decimals.unscaled(vec, i), from.scale(), type().scale()));
    }
    return out.build(vec.validity());
  }

  /** Widening that cannot overflow. */
  private Vec scaledUp(Vec vec, long factor, int n) {
    long[] low = new long[n];
    boolean wide = type().physical() == PhysicalType.INT128;
    long[] high = new long[wide ? n : 0];
    if (vec instanceof IntVec v) {
      int[] in = v.values();
      for (int i = 0; i < n; i++) {
        low[i] = in[i];
      }
    } else {
      System.arraycopy(((LongVec) vec).values(), 0, low, 0, n);
    }
    for (int i = 0; wide && i < n; i++) {
      high[i] = Math.multiplyHigh(low[i], factor);
    }
    for (int i = 0; factor != 1 && i < n; i++) {
      low[i] *= factor;
    }
    return wide ? new Int128Vec(high, low, vec.validity(), n) : new LongVec(low, vec.validity(), n);
  }

  private Vec doubleToDecimal(DoubleVec vec, Batch batch) {
    var out = new Decimals.Output(type(), batch.rows());
    var context =
        new MathContext(from.kind() == SqlType.Kind.REAL ? 6 : 15, RoundingMode.HALF_EVEN);
    LiveRows live = live(batch, vec.validity());
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      double v = vec.values()[i];
      if (Double.isNaN(v) || Double.isInfinite(v)) {
        throw new SheafException(
            ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, "cannot convert " + v + " to " + type());
      }
      if (Math.abs(v) >= 1e39) {
        throw EvaluationErrors.outOfRange(type());
      }
      out.set(
          i,
          new BigDecimal(v)
              .round(context)
              .setScale(type().scale(), RoundingMode.HALF_UP)
              .unscaledValue());
    }
    return out.build(vec.validity());
  }
}

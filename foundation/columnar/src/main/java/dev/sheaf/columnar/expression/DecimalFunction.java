package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.kernel.Int128Arithmetic;
import dev.sheaf.columnar.kernel.IntegerArithmetic;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@code + - * / %} of DECIMALs. Where the types prove that results fit nothing is checked;
 * elsewhere a whole-batch bound is tried before rows are looked at one by one.
 */
final class DecimalFunction extends StrictFunction {
  private final Fn fn;
  private final SqlType left;
  private final SqlType right;

  DecimalFunction(Fn fn, SqlType type, Evaluator left, Evaluator right) {
    super(type, left, right);
    this.fn = fn;
    this.left = left.type();
    this.right = right.type();
  }

  @Override
  Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
    boolean longs = in[0] instanceof LongVec && in[1] instanceof LongVec;
    boolean longResult = type().physical() == PhysicalType.LONG;
    return switch (fn) {
      case ADD, SUBTRACT ->
          longs && longResult ? addLongs(in, validity, batch) : addWide(in, validity, batch);
      case MULTIPLY -> {
        if (longs && longResult && left.precision() + right.precision() <= 18) {
          yield multiplyLongs(in, validity, batch);
        }
        yield longResult ? exact(in, validity, batch) : multiplyWide(in, validity, batch);
      }
      default ->
          longs && longResult ? divideLongs(in, validity, batch) : exact(in, validity, batch);
    };
  }

  /** Operands below 10^18 cannot overflow a long, so only the precision is to be checked. */
  private Vec addLongs(Vec[] in, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    long[] out = new long[n];
    long[] a = ((LongVec) in[0]).values();
    long[] b = ((LongVec) in[1]).values();
    if (fn == Fn.ADD) {
      IntegerArithmetic.add(a, b, out, n);
    } else {
      IntegerArithmetic.subtract(a, b, out, n);
    }
    if (type().precision() <= Math.max(left.precision(), right.precision())) {
      LiveRows live = live(batch, validity);
      for (int k = 0; k < live.count(); k++) {
        if (!Int128.fits(out[live.rows()[k]], type().precision())) {
          throw EvaluationErrors.outOfRange(type());
        }
      }
    }
    return new LongVec(out, validity, n);
  }

  private Vec multiplyLongs(Vec[] in, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    long[] out = new long[n];
    IntegerArithmetic.multiplyUnchecked(
        ((LongVec) in[0]).values(), ((LongVec) in[1]).values(), out, n);
    return new LongVec(out, validity, n);
  }

  private Vec addWide(Vec[] in, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    long[] x = narrow(in[0]);
    long[] y = narrow(in[1]);
    if (x != null && y != null && type().physical() == PhysicalType.INT128) {
      long[] out = new long[n];
      long overflow =
          fn == Fn.ADD
              ? IntegerArithmetic.add(x, y, out, n)
              : IntegerArithmetic.subtract(x, y, out, n);
      if (overflow >= 0) {
        // Any 64 bits are within the precision of a type of 128.
        return Int128Vec.narrow(out, validity, n);
      }
    }
    Int128Vec a = widened(in[0], n);
    Int128Vec b = widened(in[1], n);
    long[] high = new long[n];
    long[] low = new long[n];
    if (fn == Fn.ADD) {
      Int128Arithmetic.add(a.high(), a.low(), b.high(), b.low(), high, low, n);
    } else {
      Int128Arithmetic.subtract(a.high(), a.low(), b.high(), b.low(), high, low, n);
    }
    if (type().precision() <= Math.max(left.precision(), right.precision())) {
      checkPrecision(high, low, validity, batch);
    }
    return Decimals.narrow(new Int128Vec(high, low, validity, n), type());
  }

  static Int128Vec widened(Vec vec, int n) {
    if (vec instanceof Int128Vec wide) {
      return wide;
    }
    return Int128Vec.narrow(((LongVec) vec).values(), vec.validity(), n);
  }

  /** The values if all of them are 64 bits wide, else null. */
  private static long @Nullable [] narrow(Vec vec) {
    return switch (vec) {
      case LongVec v -> v.values();
      case Int128Vec v when v.isNarrow() -> v.low();
      default -> null;
    };
  }

  private Vec multiplyWide(Vec[] in, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    long[] x = narrow(in[0]);
    long[] y = narrow(in[1]);
    long[] low = new long[n];
    if (x != null && y != null && IntegerArithmetic.productsFit(x, y, n)) {
      IntegerArithmetic.multiplyUnchecked(x, y, low, n);
      return Int128Vec.narrow(low, validity, n);
    }
    long[] high = new long[n];
    if (x != null && y != null) {
      Int128Arithmetic.multiply(x, y, high, low, n);
    } else if (in[0] instanceof Int128Vec a && in[1] instanceof Int128Vec b) {
      return exact(in, validity, batch);
    } else {
      Int128Vec wide = (Int128Vec) (in[0] instanceof Int128Vec ? in[0] : in[1]);
      LongVec factor = (LongVec) (in[0] instanceof LongVec ? in[0] : in[1]);
      long wrapped =
          Int128Arithmetic.multiply(wide.high(), wide.low(), factor.values(), high, low, n);
      if (wrapped < 0) {
        return exact(in, validity, batch);
      }
    }
    if (left.precision() + right.precision() > type().precision()) {
      checkPrecision(high, low, validity, batch);
    }
    return new Int128Vec(high, low, validity, n);
  }

  private void checkPrecision(long[] high, long[] low, long @Nullable [] validity, Batch batch) {
    int precision = type().precision();
    long magnitude = Int128Arithmetic.magnitude(high, batch.rows());
    if (magnitude >= 0 && magnitude < Int128.powerHigh(precision)) {
      return;
    }
    LiveRows live = live(batch, validity);
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      if (!Int128.fits(high[i], low[i], precision)) {
        throw EvaluationErrors.outOfRange(type());
      }
    }
  }

  /** Quotient or remainder of longs, unless scaling the dividend overflows. */
  private Vec divideLongs(Vec[] in, long @Nullable [] validity, Batch batch) {
    int shift = fn == Fn.DIVIDE ? type().scale() - left.scale() + right.scale() : 0;
    boolean plain =
        fn == Fn.DIVIDE
            ? shift >= 0
            : left.scale() == right.scale() && type().scale() == left.scale();
    if (!plain || shift > 18) {
      return exact(in, validity, batch);
    }
    long factor = Int128.longPower(shift);
    long[] a = ((LongVec) in[0]).values();
    long[] b = ((LongVec) in[1]).values();
    long[] out = new long[batch.rows()];
    LiveRows live = live(batch, validity);
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      if (b[i] == 0) {
        throw EvaluationErrors.divisionByZero();
      }
      long dividend = a[i] * factor;
      if (Math.multiplyHigh(a[i], factor) != dividend >> 63) {
        return exact(in, validity, batch);
      }
      if (fn == Fn.DIVIDE) {
        long quotient = Int128.divideRounded(dividend, Math.abs(b[i]));
        out[i] = b[i] < 0 ? -quotient : quotient;
      } else {
        out[i] = dividend % b[i];
      }
      if (!Int128.fits(out[i], type().precision())) {
        throw EvaluationErrors.outOfRange(type());
      }
    }
    return new LongVec(out, validity, batch.rows());
  }

  /** Any case, by BigInteger. */
  private Vec exact(Vec[] in, long @Nullable [] validity, Batch batch) {
    var out = new Decimals.Output(type(), batch.rows());
    LiveRows live = live(batch, validity);
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      BigInteger a = Decimals.unscaled(in[0], i);
      BigInteger b = Decimals.unscaled(in[1], i);
      out.set(i, exact(a, b));
    }
    return out.build(validity);
  }

  private BigInteger exact(BigInteger a, BigInteger b) {
    switch (fn) {
      case ADD:
        return a.add(b);
      case SUBTRACT:
        return a.subtract(b);
      case MULTIPLY:
        return Decimals.rescale(a.multiply(b), left.scale() + right.scale(), type().scale());
      default:
        break;
    }
    if (b.signum() == 0) {
      throw EvaluationErrors.divisionByZero();
    }
    if (fn == Fn.DIVIDE) {
      int shift = type().scale() - left.scale() + right.scale();
      return shift >= 0
          ? Int128.divideRounded(a.multiply(Int128.power(shift)), b)
          : Int128.divideRounded(a, b.multiply(Int128.power(-shift)));
    }
    int scale = Math.max(left.scale(), right.scale());
    BigInteger rest =
        Decimals.rescale(a, left.scale(), scale)
            .remainder(Decimals.rescale(b, right.scale(), scale));
    return Decimals.rescale(rest, scale, type().scale());
  }
}

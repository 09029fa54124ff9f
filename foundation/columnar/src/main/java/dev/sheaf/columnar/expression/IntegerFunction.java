package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.IntegerArithmetic;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/**
 * {@code + - * / %} of SMALLINT, INTEGER and BIGINT. Sums and products are computed on all slots;
 * only if one of them overflowed are the live rows looked at one by one.
 */
final class IntegerFunction extends StrictFunction {
  private final Fn fn;

  IntegerFunction(Fn fn, SqlType type, Evaluator left, Evaluator right) {
    super(type, left, right);
    this.fn = fn;
  }

  @Override
  Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
    if (in[0] instanceof IntVec a && in[1] instanceof IntVec b) {
      return new IntVec(ints(a.values(), b.values(), validity, batch), validity, batch.rows());
    }
    long[] a = ((LongVec) in[0]).values();
    long[] b = ((LongVec) in[1]).values();
    return new LongVec(longs(a, b, validity, batch), validity, batch.rows());
  }

  private int[] ints(int[] a, int[] b, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    int[] out = new int[n];
    long overflow;
    switch (fn) {
      case ADD -> overflow = IntegerArithmetic.add(a, b, out, n);
      case SUBTRACT -> overflow = IntegerArithmetic.subtract(a, b, out, n);
      case MULTIPLY -> overflow = IntegerArithmetic.multiply(a, b, out, n);
      default -> {
        divideInts(a, b, out, live(batch, validity));
        overflow = 0;
      }
    }
    if (type().kind() == SqlType.Kind.SMALLINT) {
      overflow |= IntegerArithmetic.outsideSmallint(out, n);
    }
    if (overflow < 0) {
      LiveRows live = live(batch, validity);
      for (int k = 0; k < live.count(); k++) {
        int i = live.rows()[k];
        long exact = exact(a[i], b[i]);
        boolean fits =
            type().kind() == SqlType.Kind.SMALLINT ? exact == (short) exact : exact == (int) exact;
        if (!fits) {
          throw EvaluationErrors.outOfRange(type());
        }
      }
    }
    return out;
  }

  private long exact(long a, long b) {
    return switch (fn) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      default -> a % b;
    };
  }

  private void divideInts(int[] a, int[] b, int[] out, LiveRows live) {
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      if (b[i] == 0) {
        throw EvaluationErrors.divisionByZero();
      }
      if (fn == Fn.DIVIDE && a[i] == Integer.MIN_VALUE && b[i] == -1) {
        throw EvaluationErrors.outOfRange(type());
      }
      out[i] = fn == Fn.DIVIDE ? a[i] / b[i] : a[i] % b[i];
    }
  }

  private long[] longs(long[] a, long[] b, long @Nullable [] validity, Batch batch) {
    int n = batch.rows();
    long[] out = new long[n];
    long overflow;
    switch (fn) {
      case ADD -> overflow = IntegerArithmetic.add(a, b, out, n);
      case SUBTRACT -> overflow = IntegerArithmetic.subtract(a, b, out, n);
      case MULTIPLY -> overflow = IntegerArithmetic.multiply(a, b, out, n);
      default -> {
        divideLongs(a, b, out, live(batch, validity));
        overflow = 0;
      }
    }
    if (overflow < 0) {
      recheck(a, b, live(batch, validity));
    }
    return out;
  }

  private void recheck(long[] a, long[] b, LiveRows live) {
    try {
      for (int k = 0; k < live.count(); k++) {
        int i = live.rows()[k];
        switch (fn) {
          case ADD -> Math.addExact(a[i], b[i]);
          case SUBTRACT -> Math.subtractExact(a[i], b[i]);
          default -> Math.multiplyExact(a[i], b[i]);
        }
      }
    } catch (ArithmeticException overflow) {
      throw EvaluationErrors.outOfRange(type());
    }
  }

  private void divideLongs(long[] a, long[] b, long[] out, LiveRows live) {
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      if (b[i] == 0) {
        throw EvaluationErrors.divisionByZero();
      }
      if (fn == Fn.DIVIDE && a[i] == Long.MIN_VALUE && b[i] == -1) {
        throw EvaluationErrors.outOfRange(type());
      }
      out[i] = fn == Fn.DIVIDE ? a[i] / b[i] : a[i] % b[i];
    }
  }
}

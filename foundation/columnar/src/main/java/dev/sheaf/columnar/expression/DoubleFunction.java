package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.DoubleArithmetic;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** {@code + - * / %} of DOUBLE PRECISION and REAL. */
final class DoubleFunction extends StrictFunction {
  private final Fn fn;

  DoubleFunction(Fn fn, SqlType type, Evaluator left, Evaluator right) {
    super(type, left, right);
    this.fn = fn;
  }

  @Override
  Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
    double[] a = ((DoubleVec) in[0]).values();
    double[] b = ((DoubleVec) in[1]).values();
    int n = batch.rows();
    double[] out = new double[n];
    switch (fn) {
      case ADD -> DoubleArithmetic.add(a, b, out, n);
      case SUBTRACT -> DoubleArithmetic.subtract(a, b, out, n);
      case MULTIPLY -> DoubleArithmetic.multiply(a, b, out, n);
      case DIVIDE -> {
        refuseZero(b, batch, validity);
        DoubleArithmetic.divide(a, b, out, n);
      }
      default -> {
        refuseZero(b, batch, validity);
        for (int i = 0; i < n; i++) {
          out[i] = a[i] % b[i];
        }
      }
    }
    if (type().kind() == SqlType.Kind.REAL) {
      DoubleArithmetic.toReal(out, n);
    }
    if (DoubleArithmetic.notFinite(out, n)) {
      refuseOverflow(a, b, out, live(batch, validity));
    }
    return new DoubleVec(out, validity, n);
  }

  private static void refuseZero(double[] b, Batch batch, long @Nullable [] validity) {
    LiveRows live = live(batch, validity);
    for (int k = 0; k < live.count(); k++) {
      if (b[live.rows()[k]] == 0) {
        throw EvaluationErrors.divisionByZero();
      }
    }
  }

  /** Infinity out of finite operands is an error, infinity out of infinity is not. */
  private static void refuseOverflow(double[] a, double[] b, double[] out, LiveRows live) {
    for (int k = 0; k < live.count(); k++) {
      int i = live.rows()[k];
      if (Double.isInfinite(out[i]) && !Double.isInfinite(a[i]) && !Double.isInfinite(b[i])) {
        throw EvaluationErrors.floatOverflow();
      }
    }
  }
}

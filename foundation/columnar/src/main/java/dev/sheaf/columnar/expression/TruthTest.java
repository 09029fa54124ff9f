package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.protocol.type.SqlType;

/** NOT, IS [NOT] NULL, IS [NOT] TRUE, IS [NOT] FALSE. */
final class TruthTest implements Evaluator {
  private final Fn fn;
  private final Evaluator arg;

  TruthTest(Fn fn, Evaluator arg) {
    this.fn = fn;
    this.arg = arg;
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Batch select(Batch batch) {
    if (fn == Fn.IS_NULL || fn == Fn.IS_NOT_NULL) {
      Vec in = arg.evaluate(batch);
      int[] out = new int[batch.selected()];
      int n = Selections.whereNull(in.validity(), batch.selection(), batch.selected(), out);
      if (fn == Fn.IS_NULL) {
        return batch.select(out, n);
      }
      int[] rest = new int[batch.selected()];
      int r = Selections.difference(batch.selection(), batch.selected(), out, n, rest);
      return n == 0 ? batch : batch.select(rest, r);
    }
    return fn == Fn.IS_TRUE ? arg.select(batch) : Evaluator.super.select(batch);
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec in = arg.evaluate(batch);
    int n = batch.rows();
    byte[] out = new byte[n];
    if (fn == Fn.NOT) {
      byte[] values = ((BoolVec) in).values();
      for (int i = 0; i < n; i++) {
        out[i] = (byte) (values[i] ^ 1);
      }
      return new BoolVec(out, in.validity(), n);
    }
    for (int i = 0; i < n; i++) {
      boolean isNull = in.isNull(i);
      boolean isTrue = !isNull && in instanceof BoolVec b && b.values()[i] != 0;
      boolean holds =
          switch (fn) {
            case IS_NULL -> isNull;
            case IS_NOT_NULL -> !isNull;
            case IS_TRUE -> isTrue;
            case IS_NOT_TRUE -> !isTrue;
            case IS_FALSE -> !isNull && !isTrue;
            default -> isNull || isTrue;
          };
      out[i] = (byte) (holds ? 1 : 0);
    }
    return new BoolVec(out, null, n);
  }
}

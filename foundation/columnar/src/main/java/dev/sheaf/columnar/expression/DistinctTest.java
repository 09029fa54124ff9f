package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.protocol.type.SqlType;

/** IS [NOT] DISTINCT FROM: equality for which NULL is a value. */
final class DistinctTest implements Evaluator {
  private final boolean distinct;
  private final Evaluator left;
  private final Evaluator right;

  DistinctTest(boolean distinct, Evaluator left, Evaluator right) {
    this.distinct = distinct;
    this.left = left;
    this.right = right;
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec a = left.evaluate(batch);
    Vec b = right.evaluate(batch);
    int[] rows = new int[batch.selected()];
    int n = Comparison.equal(a, b, 0, batch.selection(), batch.selected(), rows);
    byte[] same = new byte[batch.rows()];
    for (int k = 0; k < n; k++) {
      same[rows[k]] = 1;
    }
    byte[] out = new byte[batch.rows()];
    for (int i = 0; i < out.length; i++) {
      boolean equal = a.isNull(i) ? b.isNull(i) : !b.isNull(i) && same[i] != 0;
      out[i] = (byte) (equal == distinct ? 0 : 1);
    }
    return new BoolVec(out, null, batch.rows());
  }
}

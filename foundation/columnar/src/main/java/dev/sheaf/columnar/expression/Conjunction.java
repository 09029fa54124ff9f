package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.protocol.type.SqlType;

/** AND: each conjunct sees only the rows that no earlier one made FALSE. */
final class Conjunction implements Evaluator {
  private final Evaluator[] conjuncts;

  Conjunction(Evaluator[] conjuncts) {
    this.conjuncts = conjuncts;
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Batch select(Batch batch) {
    Batch left = batch;
    for (Evaluator conjunct : conjuncts) {
      if (left.isEmpty()) {
        return left;
      }
      left = conjunct.select(left);
    }
    return left;
  }

  @Override
  public Vec evaluate(Batch batch) {
    return decide(conjuncts, batch, 0);
  }

  /**
   * AND and OR at once: a value equal to {@code decisive} decides a row; a row without one is NULL
   * if any value was, else the opposite.
   */
  static Vec decide(Evaluator[] terms, Batch batch, int decisive) {
    byte[] out = new byte[batch.rows()];
    java.util.Arrays.fill(out, (byte) (1 - decisive));
    long[] validity = Validity.allValid(batch.rows());
    Batch undecided = batch;
    for (Evaluator term : terms) {
      if (undecided.isEmpty()) {
        break;
      }
      BoolVec values = (BoolVec) term.evaluate(undecided);
      int[] open = new int[undecided.selected()];
      int n = 0;
      for (int k = 0; k < undecided.selected(); k++) {
        int i = undecided.row(k);
        if (values.isNull(i)) {
          Validity.setNull(validity, i);
          open[n++] = i;
        } else if (values.values()[i] == decisive) {
          out[i] = (byte) decisive;
          Validity.setValid(validity, i);
        } else {
          open[n++] = i;
        }
      }
      undecided = undecided.select(open, n);
    }
    return new BoolVec(out, validity, batch.rows());
  }
}

package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;

/** GREATEST and LEAST, which ignore NULLs, and NULLIF. */
final class Extremes implements Evaluator {
  private final Fn fn;
  private final SqlType type;
  private final Evaluator[] args;

  Extremes(Fn fn, SqlType type, Evaluator[] args) {
    this.fn = fn;
    this.type = type;
    this.args = args;
  }

  @Override
  public SqlType type() {
    return type;
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec[] in = new Vec[args.length];
    for (int a = 0; a < in.length; a++) {
      in[a] = args[a].evaluate(batch);
    }
    int[][] rowsOf = new int[in.length][batch.selected()];
    int[] counts = new int[in.length];
    for (int k = 0; k < batch.selected(); k++) {
      int i = batch.row(k);
      int chosen = fn == Fn.NULLIF ? nullIf(in, i) : extreme(in, i);
      if (chosen >= 0) {
        rowsOf[chosen][counts[chosen]++] = i;
      }
    }
    var result = new Merge(type.physical(), batch.rows());
    for (int a = 0; a < in.length; a++) {
      result.add(in[a], batch.select(rowsOf[a], counts[a]));
    }
    return result.build();
  }

  /** The argument to take, -1 = NULL. */
  private static int nullIf(Vec[] in, int row) {
    boolean equal =
        !in[0].isNull(row) && !in[1].isNull(row) && ValueOrder.compare(in[0], row, in[1], row) == 0;
    return equal ? -1 : 0;
  }

  private int extreme(Vec[] in, int row) {
    int best = -1;
    for (int a = 0; a < in.length; a++) {
      if (!in[a].isNull(row)) {
        int order = best < 0 ? 0 : ValueOrder.compare(in[a], row, in[best], row);
        if (best < 0 || (fn == Fn.GREATEST ? order > 0 : order < 0)) {
          best = a;
        }
      }
    }
    return best;
  }
}

package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** A function that gives NULL for a NULL argument: evaluates the arguments and joins validities. */
abstract class StrictFunction implements Evaluator {
  private final SqlType type;
  private final Evaluator[] args;

  StrictFunction(SqlType type, Evaluator... args) {
    this.type = type;
    this.args = args;
  }

  @Override
  public final SqlType type() {
    return type;
  }

  final Evaluator[] args() {
    return args;
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec[] in = new Vec[args.length];
    long @Nullable [] validity = null;
    for (int i = 0; i < in.length; i++) {
      in[i] = args[i].evaluate(batch);
      validity = Validity.and(validity, in[i].validity(), batch.rows());
    }
    return compute(in, validity, batch);
  }

  /**
   * @param validity where all arguments are present: the result's validity
   * @param batch tells which rows are live
   */
  abstract Vec compute(Vec[] in, long @Nullable [] validity, Batch batch);

  /** Live rows whose arguments are all present. */
  static LiveRows live(Batch batch, long @Nullable [] validity) {
    int[] rows = new int[batch.selected()];
    int[] selection = batch.selection();
    if (selection == null) {
      for (int i = 0; i < rows.length; i++) {
        rows[i] = i;
      }
    } else {
      System.arraycopy(selection, 0, rows, 0, rows.length);
    }
    return new LiveRows(rows, Selections.dropNulls(validity, rows, rows.length));
  }

  record LiveRows(int[] rows, int count) {}
}

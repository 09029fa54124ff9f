package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.protocol.type.SqlType;

/**
 * A compiled expression. Errors (SheafException, class 22) arise only for live rows. Not
 * thread-safe: one instance per thread, see {@link ExpressionCompiler}.
 */
public interface Evaluator {
  SqlType type();

  /**
   * The expression's value for each live row, at the row's physical position: a vector of {@code
   * batch.rows()} values of which the slots of rows that are not live mean nothing.
   */
  Vec evaluate(Batch batch);

  /** For BOOLEAN expressions: the batch with only those live rows for which it is TRUE. */
  default Batch select(Batch batch) {
    return Selections.whereTrue(batch, (BoolVec) evaluate(batch));
  }
}

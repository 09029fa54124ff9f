package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;

/** A column of the batch itself. */
record ColumnReference(int index, SqlType type) implements Evaluator {
  @Override
  public Vec evaluate(Batch batch) {
    return batch.column(index);
  }
}

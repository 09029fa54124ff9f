package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** A subexpression that occurs more than once: its result for the batch seen last is kept. */
final class Shared implements Evaluator {
  private final Evaluator evaluator;
  private @Nullable Batch last;
  private @Nullable Vec result;

  Shared(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  @Override
  public SqlType type() {
    return evaluator.type();
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec known = result;
    // Records compare by value, but this is about the very same batch.
    if (sameBatch(batch) && known != null) {
      return known;
    }
    Vec fresh = evaluator.evaluate(batch);
    last = batch;
    result = fresh;
    return fresh;
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean sameBatch(Batch batch) {
    return last == batch;
  }

  @Override
  public Batch select(Batch batch) {
    return evaluator.select(batch);
  }
}

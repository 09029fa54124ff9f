package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** One value for all rows, kept as a filled vector so that kernels need one shape only. */
final class Constant implements Evaluator {
  private final @Nullable Object value;
  private final SqlType type;
  private @Nullable Vec filled;

  Constant(@Nullable Object value, SqlType type) {
    this.value = value;
    this.type = type;
  }

  @Nullable Object value() {
    return value;
  }

  boolean isNull() {
    return value == null;
  }

  @Override
  public SqlType type() {
    return type;
  }

  @Override
  public Vec evaluate(Batch batch) {
    return filled(batch.rows());
  }

  Vec filled(int size) {
    Vec vec = filled;
    if (vec == null || vec.size() < size) {
      vec = Vectors.constant(type.physical(), value, size);
      filled = vec;
    }
    return Vectors.prefix(vec, size);
  }

  @Override
  public Batch select(Batch batch) {
    return Boolean.TRUE.equals(value) ? batch : batch.select(new int[0], 0);
  }
}

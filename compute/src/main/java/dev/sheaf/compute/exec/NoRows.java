package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import org.jspecify.annotations.Nullable;

/** A source at its end. */
enum NoRows implements BatchSource {
  SOURCE;

  @Override
  public @Nullable Batch next() {
    return null;
  }

  @Override
  public void close() {}
}

package dev.sheaf.columnar.vector;

import org.jspecify.annotations.Nullable;

/**
 * A stream of batches, pulled by one thread at a time. Closing early releases what it holds;
 * idempotent.
 */
public interface BatchSource extends AutoCloseable {
  /** The next batch (possibly empty), or null at the end. */
  @Nullable Batch next();

  @Override
  void close();
}

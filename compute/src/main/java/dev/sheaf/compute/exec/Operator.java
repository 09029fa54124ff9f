package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.BatchSource;

/**
 * A plan node in one execution. First {@link #prepare} on the coordinating thread, then each stream
 * once, pulled to its end or closed, by any one thread at a time; at last {@link #close}, when no
 * stream is in use any more. The streams together are the output.
 */
interface Operator extends AutoCloseable {
  /** Prepares the inputs and does what must be done before the first row can come out. */
  void prepare();

  /** Number of streams, at least 1; known after {@link #prepare}. */
  int width();

  BatchSource stream(int index);

  /**
   * A filter that rows of this operator's output have to pass later anyway may be applied early.
   * Called before {@link #prepare}; ignored by default.
   *
   * @param column output column that the filter looks at
   */
  default void offer(int column, RuntimeFilter filter) {}

  /** Releases all memory; idempotent. */
  @Override
  void close();
}

package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;

/** Takes the input's batches of one DML statement. Used by one thread. */
interface RowChange extends AutoCloseable {
  /** Live rows of a batch that is not empty. */
  void accept(Batch input);

  /** All input was accepted. */
  default void finish() {}

  DmlResult result();

  /** Gives up what was not finished. */
  @Override
  default void close() {}
}

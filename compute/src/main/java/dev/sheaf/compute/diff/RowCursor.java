package dev.sheaf.compute.diff;

import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a source in key order, one at a time. Before the first one its key is a lower bound, so
 * that nothing is read of a source whose turn has not come. Used by one thread.
 */
final class RowCursor implements AutoCloseable {
  /** Keys begin with the table's id, which may be another one on the other side. */
  private static final int TABLE_ID_BYTES = 4;

  private final BatchSource source;
  private final MemoryBudget memory;
  private byte[] key;
  private @Nullable Batch batch;
  private int at;
  private long held;

  /**
   * @param source batches whose last column is the key
   * @param lowerBound of its keys
   */
  RowCursor(BatchSource source, byte[] lowerBound, MemoryBudget memory) {
    this.source = source;
    this.key = lowerBound;
    this.memory = memory;
  }

  /** Whether it stands on a row: after {@link #next}. */
  boolean hasRow() {
    return batch != null;
  }

  boolean next() {
    at++;
    while (batch == null || at >= batch.selected()) {
      batch = null;
      release();
      Batch read = source.next();
      if (read == null) {
        return false;
      }
      memory.reserve(read.sizeBytes());
      held = read.sizeBytes();
      batch = read;
      at = 0;
    }
    var keys = (BytesVec) batch.column(batch.columns().length - 1);
    key = keys.bytes(batch.row(at));
    return true;
  }

  DiffRow row() {
    if (batch == null) {
      throw new IllegalStateException("no row");
    }
    return new DiffRow(batch, batch.row(at));
  }

  int compareKey(RowCursor other) {
    return Arrays.compareUnsigned(
        key, TABLE_ID_BYTES, key.length, other.key, TABLE_ID_BYTES, other.key.length);
  }

  private void release() {
    memory.release(held);
    held = 0;
  }

  @Override
  public void close() {
    batch = null;
    release();
    source.close();
  }
}

package dev.sheaf.compute.catalog;

import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.function.LongSupplier;

/**
 * The ids that a database hands out: table ids one by one, hidden row ids in blocks of a million,
 * so that inserting costs no hop per row and ids never collide between computes. Row ids are unique
 * over the whole database. One instance per database and compute. Thread-safe.
 */
public final class DatabaseSequences {
  private static final long ROW_ID_BLOCK = 1L << 20;

  private final SequenceAllocator tableIds;
  private final SequenceAllocator rowIds;

  public DatabaseSequences(
      ShardAccess shard, TransactionIds transactionIds, LongSupplier nanoTime) {
    tableIds =
        new SequenceAllocator(
            shard, "table_id", TableDescriptor.FIRST_USER_TABLE_ID, 1, transactionIds, nanoTime);
    rowIds = new SequenceAllocator(shard, "row_id", 1, ROW_ID_BLOCK, transactionIds, nanoTime);
  }

  public int nextTableId(Deadline deadline) {
    return Math.toIntExact(tableIds.allocate(1, deadline));
  }

  /** The first of {@code count} consecutive row ids. */
  public long nextRowIds(int count, Deadline deadline) {
    return rowIds.allocate(count, deadline);
  }
}

package dev.sheaf.compute.catalog;

import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Hands out numbers that no other compute of the database can get: a block is taken by a small
 * transaction of its own on the sequence's row, then served from memory. Numbers of a block that
 * are not used are lost, as with any sequence. Thread-safe; callers wait for one another while a
 * block is fetched.
 */
final class SequenceAllocator {
  private static final int ATTEMPTS = 20;

  private final ShardAccess shard;
  private final String name;
  private final long first;
  private final long block;
  private final TransactionIds transactionIds;
  private final LongSupplier nanoTime;
  private long next;
  private long end;

  /**
   * @param first the sequence's first number
   * @param block numbers per transaction
   */
  SequenceAllocator(
      ShardAccess shard,
      String name,
      long first,
      long block,
      TransactionIds transactionIds,
      LongSupplier nanoTime) {
    this.shard = shard;
    this.name = name;
    this.first = first;
    this.block = block;
    this.transactionIds = transactionIds;
    this.nanoTime = nanoTime;
  }

  /** The first of {@code count} consecutive numbers. */
  synchronized long allocate(int count, Deadline deadline) {
    if (end - next < count) {
      long size = Math.max(block, count);
      next = takeBlock(size, deadline);
      end = next + size;
    }
    long start = next;
    next += count;
    return start;
  }

  private long takeBlock(long size, Deadline deadline) {
    byte[] key = CatalogTables.sequenceKey(name);
    for (int attempt = 1; ; attempt++) {
      deadline.check(nanoTime.getAsLong());
      Snapshot snapshot = shard.service().snapshot(shard.shard(), deadline);
      byte[] row =
          shard
              .service()
              .get(shard.shard(), snapshot.timestamp(), List.of(key), deadline)
              .getFirst();
      long start =
          row == null ? first : (Long) Objects.requireNonNull(RowCodec.decode(row).values()[1]);
      WriteKind kind = row == null ? WriteKind.INSERT : WriteKind.PUT;
      var write = new Write(key, kind, CatalogTables.sequenceRow(name, start + size));
      try {
        shard
            .service()
            .commit(
                new CommitRequest(
                    shard.shard(),
                    transactionIds.begunAt(snapshot.timestamp()),
                    snapshot.timestamp(),
                    List.of(write),
                    List.of()),
                deadline);
        return start;
      } catch (SheafException e) {
        // Another compute was faster, or nobody knows: taking a further block is right in any case.
        boolean again =
            e.code() == ErrorCode.SERIALIZATION_FAILURE
                || e.code() == ErrorCode.UNIQUE_VIOLATION
                || e.code() == ErrorCode.STATEMENT_COMPLETION_UNKNOWN;
        if (!again || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}

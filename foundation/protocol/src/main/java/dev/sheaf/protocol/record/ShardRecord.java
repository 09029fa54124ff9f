package dev.sheaf.protocol.record;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record of a shard's log. Log order is timestamp order. */
public sealed interface ShardRecord {

  TransactionId transaction();

  /** The commit timestamp; also of an abort, for the order. */
  Timestamp timestamp();

  /**
   * A committed transaction.
   *
   * @param writes at most one per key
   */
  record Commit(TransactionId transaction, Timestamp timestamp, List<Write> writes)
      implements ShardRecord {}

  /**
   * One key's new version.
   *
   * @param row row bytes; null = the key is deleted
   * @param added whether the key was absent before (statistics only)
   */
  record Write(byte[] key, byte @Nullable [] row, boolean added) {}

  /** A bulk load: segments that become visible together; all their rows have the timestamp. */
  record BulkCommit(
      TransactionId transaction, Timestamp timestamp, int tableId, List<LoadedSegment> segments)
      implements ShardRecord {}

  /**
   * The transaction has not committed before this record and never will after it: somebody was told
   * so. Changes no row.
   *
   * @param timestamp its place among the commits
   */
  record Abort(TransactionId transaction, Timestamp timestamp) implements ShardRecord {}

  /** A segment in the object store whose rows carry no timestamps of their own. */
  record LoadedSegment(String objectKey, long sizeBytes, long rows, byte[] minKey, byte[] maxKey) {}
}

package dev.sheaf.rpc.control;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardInspection;

/**
 * What the control plane asks of whoever hosts shards. All methods are idempotent and thread-safe,
 * so that a step that was interrupted is simply done again; calls for one shard do not overlap, but
 * for those of {@link ShardInspection}.
 *
 * <p>Errors are {@link dev.sheaf.protocol.error.SheafException}: 57P03 when the log's quorum or the
 * object store cannot be reached before the deadline, 58030 I/O, XX001 damaged data.
 */
public interface ShardHost extends ShardInspection {

  /**
   * Serves the shard: takes its grant, replays its log. A shard that never was begins empty.
   * Returns when reads and commits are answered.
   */
  void open(ShardId shard, Deadline deadline);

  /** Stops serving the shard; what it holds stays. Fine if it is not open. */
  void close(ShardId shard, Deadline deadline);

  /** A timestamp of the shard's oracle: what was acknowledged before the call is at or below it. */
  Timestamp now(ShardId shard, Deadline deadline);

  /**
   * Lets a shard that was never opened begin as another one is at a timestamp; see {@link
   * dev.sheaf.rpc.shard.ShardService#branch}.
   */
  void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline);

  /**
   * Lets a shard that was never opened begin as another one did that never was opened either, with
   * all that this one began with. Asks nobody who owns shards.
   *
   * @param backup has its first manifest, and keeps it until this returns
   */
  void beginAs(ShardId backup, ShardId child, Deadline deadline);

  /**
   * Stops serving the shard and deletes its objects, its log and its grant. After it nothing of the
   * shard is left.
   */
  void drop(ShardId shard, Deadline deadline);
}

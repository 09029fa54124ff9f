package dev.sheaf.pageserver.retain;

import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.protocol.ShardId;

/** The timestamps at which shards must stay readable. Thread-safe. */
@FunctionalInterface
public interface Retention {
  /** Nothing is ever dropped. */
  Retention FOREVER = shard -> ReadableTimes.EVERYTHING;

  /**
   * What must stay readable as of now: the window, and single timestamps before it (branch points,
   * backups). Asked with every read, so answered from memory. A point that is registered once its
   * versions may have been dropped comes too late: reads there stay refused.
   */
  ReadableTimes of(ShardId shard);
}

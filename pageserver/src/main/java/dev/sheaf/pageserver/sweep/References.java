package dev.sheaf.pageserver.sweep;

import dev.sheaf.protocol.ShardId;
import java.util.Collection;
import java.util.Map;

/** Objects of a shard that others need: its branches. Thread-safe, may wait. */
@FunctionalInterface
public interface References {
  /** Nobody needs the objects of another shard. */
  References NONE = (shard, objectKeys) -> Map.of();

  /**
   * Those of the keys that must stay, each with a shard that it must stay for. Asked right before
   * they would be deleted; when it fails nothing is. Whoever comes to need an object must be known
   * here before it counts on it, and may only choose among what the shard's manifest names at that
   * moment.
   */
  Map<String, ShardId> needed(ShardId shard, Collection<String> objectKeys);
}

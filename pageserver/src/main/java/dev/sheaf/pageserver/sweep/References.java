package dev.sheaf.pageserver.sweep;

import dev.sheaf.protocol.ShardId;
import java.util.Collection;
import java.util.Set;

/** Objects of a shard that others need: its branches. Thread-safe, may wait. */
@FunctionalInterface
public interface References {
  /** Nobody needs the objects of another shard. */
  References NONE = (shard, objectKeys) -> Set.of();

  /**
   * Those of the keys that must stay. Asked right before they would be deleted; when it fails
   * nothing is. Whoever comes to need an object must be known here before it counts on it, and may
   * only choose among what the shard's manifest names at that moment.
   */
  Set<String> needed(ShardId shard, Collection<String> objectKeys);
}

package dev.sheaf.pageserver.grant;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.protocol.ShardId;
import java.util.List;

/** Which shards this node may own. Thread-safe. */
@FunctionalInterface
public interface Assignments {
  /** All of them: for a node that is alone. */
  Assignments ALL = shard -> List.of();

  /**
   * What must hold when the shard is taken. Never waits.
   *
   * @throws dev.sheaf.protocol.error.SheafException 57P03 it belongs to another node, which the
   *     message names if it is known; 3D000 it is being deleted
   */
  List<Condition> require(ShardId shard);
}

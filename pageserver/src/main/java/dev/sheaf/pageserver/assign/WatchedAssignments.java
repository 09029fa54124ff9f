package dev.sheaf.pageserver.assign;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.pageserver.grant.Assignments;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.List;

/** What placement has assigned to this node. Thread-safe. */
public final class WatchedAssignments implements Assignments {
  private final String node;
  private final NodeLease lease;
  private final ShardMap shards;

  public WatchedAssignments(String node, NodeLease lease, ShardMap shards) {
    this.node = node;
    this.lease = lease;
    this.shards = shards;
  }

  @Override
  public List<Condition> require(ShardId shard) {
    if (!lease.isValid()) {
      throw notHere(
          "shard %s is read-only for now: page server %s has lost touch with the coordination store"
              .formatted(shard, node),
          "Try again: the page server comes back by itself, or another one takes over.");
    }
    ShardFacts facts = shards.get(shard);
    if (facts.doomed()) {
      throw new SheafException(
          ErrorCode.INVALID_CATALOG_NAME, "shard " + shard + " is being deleted");
    }
    String assigned = facts.assigned().orElse("");
    if (!assigned.equals(node)) {
      String owner = facts.owner().filter(name -> !name.equals(node)).orElse(assigned);
      throw notHere(
          owner.isEmpty()
              ? "shard %s has no page server yet".formatted(shard)
              : "shard %s is owned by page server %s, not by %s".formatted(shard, owner, node),
          "Ask the owner.");
    }
    return List.of(new Condition(ShardKeys.assigned(shard), facts.assignedRevision()));
  }

  private static SheafException notHere(String message, String hint) {
    return new SheafException(ErrorCode.CANNOT_CONNECT_NOW, message).withHint(hint);
  }
}

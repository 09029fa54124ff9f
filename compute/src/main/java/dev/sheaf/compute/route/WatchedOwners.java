package dev.sheaf.compute.route;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardFacts.Holder;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Owners as the watched copies of the cluster's facts show them: the node that holds the shard,
 * then the one that placement wants to. Nodes that have gone, or have no address, are left out.
 */
public record WatchedOwners(ShardMap shards, NodeRegistry nodes) implements ShardOwners {

  @Override
  public List<Target> candidates(ShardId shard) {
    ShardFacts facts = shards.get(shard);
    return Stream.of(facts.holder().map(Holder::node), facts.assigned())
        .flatMap(Optional::stream)
        .distinct()
        .flatMap(name -> nodes.byName(name).flatMap(WatchedOwners::target).stream())
        .toList();
  }

  @Override
  public Presence presence(Target target) {
    return nodes
        .byName(target.node())
        .filter(node -> node.incarnation() == target.incarnation())
        .map(node -> node.state() == NodeState.UP ? Presence.THERE : Presence.LEAVING)
        .orElse(Presence.GONE);
  }

  @Override
  public void onChange(Runnable listener) {
    nodes.onChange(listener);
  }

  private static Optional<Target> target(NodeInfo node) {
    return node.addresses()
        .grpc()
        .map(address -> new Target(node.name(), node.incarnation(), address));
  }
}

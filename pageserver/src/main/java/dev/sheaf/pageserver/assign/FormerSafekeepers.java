package dev.sheaf.pageserver.assign;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lets safekeepers drop copies of logs that they are members of no more, of the shards that are
 * served here. One that was away when it was replaced has its copy still when it comes back, and
 * the owner of then may be gone: so each owner tells every safekeeper that is up and no member,
 * once, and again when it has been away. Logs whose members have never changed have no former ones.
 * Not thread-safe.
 */
final class FormerSafekeepers {
  private final PageServer server;
  private final NodeRegistry nodes;

  /** The generation of the members when a safekeeper that is still up was told. */
  private final Map<NodeId, Map<ShardId, Long>> told = new HashMap<>();

  FormerSafekeepers(PageServer server, NodeRegistry nodes) {
    this.server = server;
    this.nodes = nodes;
  }

  /**
   * @param logs members of the logs of all shards that are served here
   */
  void tell(Map<ShardId, Configuration> logs) {
    Set<NodeId> up =
        nodes.with(NodeRole.SAFEKEEPER).stream()
            .map(node -> new NodeId(node.name()))
            .collect(Collectors.toSet());
    told.keySet().retainAll(up);
    for (NodeId node : up) {
      Map<ShardId, Long> known = told.computeIfAbsent(node, first -> new HashMap<>());
      known.keySet().retainAll(logs.keySet());
      logs.forEach((shard, configuration) -> {
        long generation = configuration.generation();
        boolean former = generation > 1 && !configuration.nodes().contains(node);
        if (former
            && known.getOrDefault(shard, 0L) != generation
            && server.retireLogCopy(shard, node)) {
          known.put(shard, generation);
        }
      });
    }
  }
}

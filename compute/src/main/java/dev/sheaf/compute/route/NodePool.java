package dev.sheaf.compute.route;

import dev.sheaf.compute.route.ShardOwners.Presence;
import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.rpc.guard.CallGuard;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.shard.ShardConnection;
import dev.sheaf.rpc.shard.ShardService;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * One connection and one guard per node. A node that started anew, or moved, gets new ones; the
 * longest unused goes when there are too many. Thread-safe.
 */
final class NodePool implements AutoCloseable {
  private final Function<Target, ShardConnection> connector;
  private final CallGuards guards;
  private final int maxNodes;

  /** Least recently used first. */
  private final LinkedHashMap<String, Node> nodes = new LinkedHashMap<>(16, 0.75f, true);

  /** Those that gave notice before they went: their last calls may end. */
  private final Set<Target> leaving = new HashSet<>();

  record Node(Target target, ShardConnection connection, CallGuard guard) {
    ShardService shards() {
      return connection.shards();
    }
  }

  NodePool(Function<Target, ShardConnection> connector, CallGuards guards, int maxNodes) {
    this.connector = connector;
    this.guards = guards;
    this.maxNodes = maxNodes;
  }

  /** The node, connected when it is first called. */
  Node get(Target target) {
    var superfluous = new ArrayList<Node>();
    try {
      synchronized (this) {
        Node present = nodes.get(target.node());
        if (present != null && present.target().equals(target)) {
          return present;
        }
        if (present != null) {
          superfluous.add(present);
        }
        var node =
            new Node(
                target, connector.apply(target), guards.forTarget("page server " + target.node()));
        nodes.put(target.node(), node);
        if (nodes.size() > maxNodes) {
          Map.Entry<String, Node> eldest = nodes.entrySet().iterator().next();
          nodes.remove(eldest.getKey());
          superfluous.add(eldest.getValue());
        }
        return node;
      }
    } finally {
      superfluous.forEach(node -> node.connection().close());
    }
  }

  /**
   * Hangs up on nodes that are gone without notice. One that was cut off or stopped, rather than
   * killed, breaks no connection: its calls would be waited for until their deadlines. Never
   * blocks.
   */
  void dropGone(Function<Target, Presence> presence) {
    var gone = new ArrayList<Node>();
    synchronized (this) {
      leaving.removeIf(target -> presence.apply(target) == Presence.GONE && !isPooled(target));
      for (Node node : List.copyOf(nodes.values())) {
        switch (presence.apply(node.target())) {
          case THERE -> leaving.remove(node.target());
          case LEAVING -> leaving.add(node.target());
          case GONE -> {
            if (!leaving.contains(node.target())) {
              nodes.remove(node.target().node());
              gone.add(node);
            }
          }
        }
      }
    }
    gone.forEach(node -> node.connection().hangUp());
  }

  private boolean isPooled(Target target) {
    Node node = nodes.get(target.node());
    return node != null && node.target().equals(target);
  }

  @Override
  public void close() {
    List<Node> all;
    synchronized (this) {
      all = List.copyOf(nodes.values());
      nodes.clear();
    }
    all.forEach(node -> node.connection().close());
  }
}

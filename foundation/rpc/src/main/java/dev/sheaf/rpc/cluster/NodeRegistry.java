package dev.sheaf.rpc.cluster;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.WatchedEntries;
import dev.sheaf.protocol.Deadline;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The nodes that are there now: a watched copy. Thread-safe; reading never waits. */
public final class NodeRegistry implements AutoCloseable {
  private final WatchedEntries<NodeInfo> nodes;

  private NodeRegistry(WatchedEntries<NodeInfo> nodes) {
    this.nodes = nodes;
  }

  /** Begins to watch; returns when the copy is complete, 57P03 if it is not by the deadline. */
  public static NodeRegistry watch(
      Coordination coordination, LongSupplier nanoClock, Deadline deadline) {
    return new NodeRegistry(
        WatchedEntries.begin(
            coordination,
            NodeInfo.PREFIX,
            entry -> NodeInfo.decode(entry.key(), entry.value()),
            nanoClock,
            deadline));
  }

  /** The nodes as the coordination store has them now, sorted by name. */
  public static List<NodeInfo> read(Coordination coordination) {
    return coordination.list(NodeInfo.PREFIX).stream()
        .map(entry -> NodeInfo.decode(entry.key(), entry.value()))
        .toList();
  }

  /** Empty once the node's lease has ended. */
  public Optional<NodeInfo> byName(String name) {
    return Optional.ofNullable(nodes.present().get(NodeInfo.keyOf(name)));
  }

  /** Sorted by name. */
  public List<NodeInfo> all() {
    return List.copyOf(nodes.present().values());
  }

  /** Nodes of a role, draining ones too, sorted by name. */
  public List<NodeInfo> with(NodeRole role) {
    return nodes.present().values().stream().filter(node -> node.has(role)).toList();
  }

  /** Calls back after each change; the listener must not block. */
  public void onChange(Runnable listener) {
    nodes.onChange(listener);
  }

  @Override
  public void close() {
    nodes.close();
  }
}

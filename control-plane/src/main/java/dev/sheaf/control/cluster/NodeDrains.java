package dev.sheaf.control.cluster;

import dev.sheaf.control.leader.Leadership;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import java.util.List;

/**
 * Asks page servers to give away what they own and to take on nothing more. They stay, idle, until
 * somebody stops them. Thread-safe.
 */
public final class NodeDrains {
  /** Where {@link NodeInfo#drainRequest} goes. */
  private static final String REQUESTS = "drain/";

  private final Coordination coordination;

  public NodeDrains(Coordination coordination) {
    this.coordination = coordination;
  }

  /**
   * Asks a node to drain; it says so itself in a moment. Idempotent.
   *
   * @return the node as it was
   * @throws SheafException 42704 there is no such node; 55000 it owns no shards by its role, or no
   *     other page server could take them
   */
  public NodeInfo drain(String name) {
    List<NodeInfo> nodes = NodeRegistry.read(coordination);
    NodeInfo node =
        nodes.stream()
            .filter(found -> found.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new SheafException(
                    ErrorCode.UNDEFINED_OBJECT, "there is no node of this name now"));
    if (!node.has(NodeRole.PAGESERVER)) {
      throw new SheafException(
              ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "node " + name + " is no page server")
          .withHint("Other nodes own nothing: they can simply be stopped.");
    }
    if (node.state() == NodeState.DRAINING) {
      return node;
    }
    boolean another =
        nodes.stream()
            .anyMatch(other -> !other.name().equals(name) && other.isUp(NodeRole.PAGESERVER));
    if (!another) {
      throw new SheafException(
              ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
              "node " + name + " is the only page server that takes work")
          .withHint("Start another one first: its shards have to go somewhere.");
    }
    boolean unused = coordination.commit(List.of(), List.of(node.drainRequest()));
    return node;
  }

  /**
   * Removes the requests to nodes that are not registered any more. A request is to one
   * incarnation, and whoever registers under the name later is another one: nobody will ever
   * answer.
   *
   * @throws SheafException of the store; what is left is left to the next call
   */
  public void forgetGone(Leadership leadership) {
    for (Entry request : coordination.list(REQUESTS)) {
      String node = NodeInfo.keyOf(request.key().substring(REQUESTS.length()));
      if (coordination.get(node).isPresent()) {
        continue;
      }
      boolean unused =
          coordination.commit(
              List.of(
                  leadership.fence(),
                  new Condition(node, 0),
                  new Condition(request.key(), request.modRevision())),
              List.of(Change.delete(request.key())));
    }
  }
}

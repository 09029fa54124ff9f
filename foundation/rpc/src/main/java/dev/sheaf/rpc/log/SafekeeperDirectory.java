package dev.sheaf.rpc.log;

import dev.sheaf.log.NodeId;

/**
 * Where the safekeepers are at present: nodes come, go and move to other addresses. Thread-safe; no
 * method blocks.
 */
@FunctionalInterface
public interface SafekeeperDirectory {

  /**
   * The service to call now; ask again for each call.
   *
   * @throws dev.sheaf.protocol.error.SheafException 58030 no address of this node is known
   */
  SafekeeperService of(NodeId node);
}

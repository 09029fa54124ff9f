package dev.sheaf.compute.route;

import dev.sheaf.protocol.ShardId;
import java.util.List;

/** Where a shard may be. Answers from memory; thread-safe. */
@FunctionalInterface
public interface ShardOwners {
  /** Nodes that may own the shard, the likeliest first; empty while nobody is known to. */
  List<Target> candidates(ShardId shard);

  /**
   * A page server.
   *
   * @param incarnation changes when the process does
   * @param address host:port of its gRPC server
   */
  record Target(String node, long incarnation, String address) {}
}

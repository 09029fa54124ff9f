package dev.sheaf.compute.route;

import dev.sheaf.protocol.ShardId;
import java.util.List;

/** Where a shard may be. Answers from memory; thread-safe. */
@FunctionalInterface
public interface ShardOwners {
  /** Nodes that may own the shard, the likeliest first; empty while nobody is known to. */
  List<Target> candidates(ShardId shard);

  /** What has become of a node. */
  default Presence presence(Target target) {
    return Presence.THERE;
  }

  /** Calls back when any answer may have changed; the listener must not block. */
  default void onChange(Runnable listener) {}

  /** Whether a node can still answer. */
  enum Presence {
    THERE,
    /** Gives away what it has; calls under way may end. */
    LEAVING,
    /** Its lease has ended, so what it may still answer is not to be waited for. */
    GONE
  }

  /**
   * A page server.
   *
   * @param incarnation changes when the process does
   * @param address host:port of its gRPC server
   */
  record Target(String node, long incarnation, String address) {}
}

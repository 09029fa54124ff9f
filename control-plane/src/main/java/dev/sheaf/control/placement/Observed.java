package dev.sheaf.control.placement;

import dev.sheaf.protocol.ShardId;
import java.util.List;
import java.util.Optional;

/**
 * The cluster at one moment. A page server that is gone is not listed.
 *
 * @param nowNanos the moment, on the clock of the {@code sinceNanos}
 */
public record Observed(long nowNanos, List<PageServer> pageServers, List<Shard> shards) {

  /**
   * @param takesWork false while it drains
   * @param load requests a second over all of its shards
   * @param sinceNanos when it was first seen in this incarnation
   */
  public record PageServer(String name, boolean takesWork, long load, long sinceNanos) {}

  /**
   * @param assigned the page server that should own it, there or gone
   * @param holder the page server that owns it
   * @param sinceNanos when it was first seen with this assignment
   */
  public record Shard(
      ShardId shard, Optional<String> assigned, Optional<String> holder, long sinceNanos) {

    /** Whether the page server that should own it does. */
    boolean isSettled() {
      return assigned.isPresent() && assigned.equals(holder);
    }
  }
}

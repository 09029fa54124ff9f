package dev.sheaf.control.placement;

import dev.sheaf.protocol.ShardId;
import java.util.Optional;

/**
 * A shard's next assignment.
 *
 * @param from the present one, if any
 */
public record Move(ShardId shard, Optional<String> from, String to, Reason reason) {

  /** Why a shard moves. */
  public enum Reason {
    /** It has never been assigned. */
    NEW,
    /** Its page server is gone. */
    GONE,
    /** Its page server drains. */
    DRAINING,
    /** Its page server is there but does not manage to open it. */
    STUCK,
    /** Another page server has much less to do. */
    BALANCE
  }
}

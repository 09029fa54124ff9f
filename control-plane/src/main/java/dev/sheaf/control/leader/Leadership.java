package dev.sheaf.control.leader;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Lease;
import java.util.function.LongSupplier;

/**
 * The right to decide for the cluster, as long as the leader's entry is there. Thread-safe.
 *
 * @param revision of the leader's entry
 */
public record Leadership(long revision, Lease lease, LongSupplier nanoClock) {

  /**
   * Holds exactly as long as this leadership does: every write that a leader makes depends on it,
   * so that a leader who does not know yet that it is one no longer changes nothing.
   */
  public Condition fence() {
    return new Condition(LeaderElection.KEY, revision);
  }

  /** Whether it surely holds now. Saves work; the fence decides. */
  public boolean isHeld() {
    return lease.validUntilNanos() - nanoClock.getAsLong() > 0;
  }
}

package dev.sheaf.pageserver.grant;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.function.LongSupplier;

/**
 * The right to own a shard in one term, as long as the node's lease holds. Thread-safe.
 *
 * @param revision at which coordination took note of the term: comparing it proves that nobody has
 *     taken over since
 * @param nanoClock the clock of {@link Lease#validUntilNanos}
 */
public record Grant(ShardId shard, Term term, long revision, Lease lease, LongSupplier nanoClock) {

  /** Holds exactly as long as no later term was granted. */
  public Condition stillHeld() {
    return new Condition(Grants.grantKey(shard), revision);
  }

  /** Whether the lease surely holds now. Judge after the fact that depends on it. */
  public boolean isHeld() {
    return lease.validUntilNanos() - nanoClock.getAsLong() > 0;
  }

  /** 57P03 once the lease may have ended: another owner may answer by now. */
  public void checkHeld() {
    if (!isHeld()) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "shard " + shard + " may have another owner by now")
          .withHint("Try again: it will be routed to the present owner.");
    }
  }
}

package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.check.StoreCheck;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import java.util.function.LongSupplier;

/**
 * Checks what an owned shard has stored while it goes on being served. No sweep deletes anything
 * meanwhile, so all that a manifest names at the beginning must be there to the end. Thread-safe.
 */
final class ShardChecks {
  private final ShardReads reads;
  private final ShardSweeper sweeper;
  private final ShardState state;
  private final ShardLog log;
  private final ObjectStore objects;
  private final LongSupplier nanoClock;

  ShardChecks(
      ShardReads reads,
      ShardSweeper sweeper,
      ShardState state,
      ShardLog log,
      ObjectStore objects,
      LongSupplier nanoClock) {
    this.reads = reads;
    this.sweeper = sweeper;
    this.state = state;
    this.log = log;
    this.objects = objects;
    this.nanoClock = nanoClock;
  }

  /** As {@link dev.sheaf.rpc.shard.ShardInspection#check}. */
  Checked check(CheckListener listener, Deadline deadline) {
    try (OpenViews.Pin unused = sweeper.hold(deadline)) {
      var check = new StoreCheck(objects, state.shard(), listener, () -> goOn(deadline), nanoClock);
      Checked checked = check.run(log::endLsn);
      // Another owner's sweeps know nothing of this check.
      reads.checkOwner();
      return checked;
    }
  }

  private void goOn(Deadline deadline) {
    if (Thread.currentThread().isInterrupted()) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "the check was interrupted");
    }
    if (deadline.isExpired(nanoClock.getAsLong())) {
      throw new SheafException(
              ErrorCode.QUERY_CANCELED, "the check was not done when its time was over")
          .withHint("What it has found so far holds. Give it more time.");
    }
    reads.checkOwner();
  }
}

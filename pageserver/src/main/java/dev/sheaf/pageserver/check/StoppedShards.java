package dev.sheaf.pageserver.check;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection;
import java.util.function.LongSupplier;

/**
 * Checks shards that nobody owns, from what is stored of them. Whoever uses it sees to it that
 * nobody comes to own them meanwhile. Logs are not looked at, so nothing is found to be ahead of
 * one. Thread-safe.
 */
public final class StoppedShards implements ShardInspection {
  private static final Lsn NO_END = new Lsn(Long.MAX_VALUE);

  private final ObjectStore objects;
  private final LongSupplier nanoClock;

  public StoppedShards(ObjectStore objects, LongSupplier nanoClock) {
    this.objects = objects;
    this.nanoClock = nanoClock;
  }

  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    return new StoreCheck(objects, shard, listener, () -> goOn(deadline), nanoClock)
        .run(() -> NO_END);
  }

  private void goOn(Deadline deadline) {
    if (deadline.isExpired(nanoClock.getAsLong())) {
      throw new SheafException(
              ErrorCode.QUERY_CANCELED, "the check was not done when its time was over")
          .withHint("What it has found so far holds. Give it more time.");
    }
  }
}

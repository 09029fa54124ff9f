package dev.sheaf.pageserver.retain;

import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import java.util.List;
import java.util.function.LongSupplier;

/** One window for all shards, up to now. Thread-safe. */
public final class WindowRetention implements Retention {
  private final LongSupplier wallMillis;
  private final long windowMillis;

  /**
   * @param wallMillis milliseconds since the epoch
   */
  public WindowRetention(LongSupplier wallMillis, long windowMillis) {
    this.wallMillis = wallMillis;
    this.windowMillis = windowMillis;
  }

  @Override
  public ReadableTimes of(ShardId shard) {
    long from = Math.max(0, wallMillis.getAsLong() - windowMillis);
    return new ReadableTimes(Timestamp.ofMillis(from), List.of());
  }
}

package dev.sheaf.compute.session;

import dev.sheaf.rpc.shard.ShardService.Snapshot;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The last snapshot that some statement drew in a database, for statements that need one only to
 * know the catalog. Thread-safe.
 */
final class RecentSnapshot {
  /** Older ones would meet more keys that were deleted after them, and conflict. */
  private static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final LongSupplier nanoTime;
  private volatile @Nullable Drawn last;

  private record Drawn(Snapshot snapshot, long nanoTime) {}

  RecentSnapshot(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void drawn(Snapshot snapshot) {
    Drawn before = last;
    if (before == null || snapshot.timestamp().isAfter(before.snapshot.timestamp())) {
      last = new Drawn(snapshot, nanoTime.getAsLong());
    }
  }

  /** The last one unless it is too old. */
  Optional<Snapshot> get() {
    Drawn drawn = last;
    return drawn == null || nanoTime.getAsLong() - drawn.nanoTime > MAX_AGE_NANOS
        ? Optional.empty()
        : Optional.of(drawn.snapshot);
  }

  /** After it turned out to be too old. */
  void forget() {
    last = null;
  }
}

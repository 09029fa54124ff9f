package dev.sheaf.pageserver.serve;

import dev.sheaf.protocol.Lsn;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells from looks at a position, now and then, whether it stands still. Not thread-safe. */
final class IdleWatch {
  private final long idleNanos;
  private final LongSupplier nanoClock;
  private @Nullable Lsn seen;
  private long sinceNanos;

  IdleWatch(long idleMillis, LongSupplier nanoClock) {
    this.idleNanos = TimeUnit.MILLISECONDS.toNanos(idleMillis);
    this.nanoClock = nanoClock;
  }

  /** Whether the position has been where it is since a look that was long enough ago. */
  boolean isIdle(Lsn position) {
    long now = nanoClock.getAsLong();
    if (!position.equals(seen)) {
      seen = position;
      sinceNanos = now;
    }
    return now - sinceNanos >= idleNanos;
  }
}

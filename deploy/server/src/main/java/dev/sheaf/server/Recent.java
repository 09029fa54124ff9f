package dev.sheaf.server;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that costs something to find out and is asked for in bursts: one look serves all who ask
 * within {@value #MILLIS} ms, as the gauges of one scrape do. Thread-safe.
 */
final class Recent<T> {
  private static final long MILLIS = 100;

  private final Supplier<T> look;
  private final LongSupplier nanoClock;
  private @Nullable T value;
  private long foundNanos;

  /**
   * @param look must not block
   * @param nanoClock monotonic
   */
  Recent(Supplier<T> look, LongSupplier nanoClock) {
    this.look = look;
    this.nanoClock = nanoClock;
  }

  synchronized T get() {
    long now = nanoClock.getAsLong();
    T found = value;
    if (found == null || now - foundNanos > TimeUnit.MILLISECONDS.toNanos(MILLIS)) {
      found = look.get();
      value = found;
      foundNanos = now;
    }
    return found;
  }
}

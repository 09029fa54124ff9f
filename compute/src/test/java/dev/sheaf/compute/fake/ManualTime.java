package dev.sheaf.compute.fake;

import dev.sheaf.compute.transaction.TimeSource;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so, or when somebody sleeps. */
public final class ManualTime implements TimeSource {
  private final AtomicLong millis = new AtomicLong(1_800_000_000_000L);

  @Override
  public long nanoTime() {
    return millis.get() * 1_000_000L;
  }

  @Override
  public Instant now() {
    return Instant.ofEpochMilli(millis.get());
  }

  @Override
  public void sleepMillis(long pause) {
    millis.addAndGet(Math.max(1, pause));
  }

  public long millis() {
    return millis.get();
  }
}

package dev.sheaf.flightsql.stream;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Bounds waits that have no timeout of their own: Flight's streams wait for their client for ever.
 * Waits are many and short, so they have no timer each: one look goes over all of them from time to
 * time, as long as there are any. Thread-safe.
 */
public final class Patience {
  /** How exact the limit is. */
  private static final int LOOKS_PER_LIMIT = 16;

  private final ScheduledExecutorService timer;
  private final Duration limit;
  private final LongSupplier nanoClock;
  private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean lookScheduled = new AtomicBoolean();

  /** One thread's wait. The lock makes sure that only the wait itself is interrupted. */
  private static final class Wait {
    private final Thread thread = Thread.currentThread();
    private final long sinceNanos;
    private boolean over;
    private boolean interrupted;

    Wait(long sinceNanos) {
      this.sinceNanos = sinceNanos;
    }

    synchronized void interrupt() {
      if (!over && !interrupted) {
        interrupted = true;
        thread.interrupt();
      }
    }

    /** Whether it was interrupted. */
    synchronized boolean end() {
      over = true;
      return interrupted;
    }

    synchronized boolean isInterrupted() {
      return interrupted;
    }
  }

  /**
   * @param timer runs nothing but short tasks
   * @param limit how long a client may be silent
   * @param nanoClock monotonic
   */
  public Patience(ScheduledExecutorService timer, Duration limit, LongSupplier nanoClock) {
    this.timer = timer;
    this.limit = limit;
    this.nanoClock = nanoClock;
  }

  public Duration limit() {
    return limit;
  }

  /** Runs a wait; 57014 if it takes longer than the limit. */
  public <T> T await(String what, Supplier<T> wait) {
    var waiting = new Wait(nanoClock.getAsLong());
    waits.add(waiting);
    lookSoon();
    try {
      return wait.get();
    } catch (RuntimeException e) {
      if (waiting.isInterrupted()) {
        throw new SheafException(
            ErrorCode.QUERY_CANCELED,
            "canceled: waited " + limit.toSeconds() + " s for " + what,
            e);
      }
      throw e;
    } finally {
      waits.remove(waiting);
      if (waiting.end()) {
        // The interrupt was ours and is spent, also if it came just after the wait had ended.
        boolean unused = Thread.interrupted();
      }
    }
  }

  private void lookSoon() {
    if (!lookScheduled.get() && lookScheduled.compareAndSet(false, true)) {
      long pause = Math.max(1, limit.toNanos() / LOOKS_PER_LIMIT);
      var unused = timer.schedule(this::look, pause, TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    lookScheduled.set(false);
    long now = nanoClock.getAsLong();
    for (Wait wait : waits) {
      if (now - wait.sinceNanos >= limit.toNanos()) {
        wait.interrupt();
      }
    }
    if (!waits.isEmpty()) {
      lookSoon();
    }
  }
}

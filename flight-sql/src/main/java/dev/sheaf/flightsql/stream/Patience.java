package dev.sheaf.flightsql.stream;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Bounds waits for a client. Flight's own waits have no timeout, so the waiting thread is
 * interrupted. Thread-safe.
 */
public final class Patience {
  private final ScheduledExecutorService timer;
  private final Duration limit;

  /**
   * @param timer runs nothing but short tasks
   * @param limit how long a client may be silent
   */
  public Patience(ScheduledExecutorService timer, Duration limit) {
    this.timer = timer;
    this.limit = limit;
  }

  public Duration limit() {
    return limit;
  }

  /** Runs a wait; 57014 if it takes longer than the limit. */
  public <T> T await(String what, Supplier<T> wait) {
    Thread waiting = Thread.currentThread();
    AtomicBoolean over = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    Future<?> alarm =
        timer.schedule(
            () -> {
              synchronized (over) {
                if (!over.get()) {
                  interrupted.set(true);
                  waiting.interrupt();
                }
              }
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      return wait.get();
    } catch (RuntimeException e) {
      if (interrupted.get()) {
        throw new SheafException(
            ErrorCode.QUERY_CANCELED,
            "canceled: waited " + limit.toSeconds() + " s for " + what,
            e);
      }
      throw e;
    } finally {
      synchronized (over) {
        over.set(true);
      }
      alarm.cancel(false);
      if (interrupted.get()) {
        // The interrupt was ours and is spent, also if it came just after the wait had ended.
        boolean unused = Thread.interrupted();
      }
    }
  }
}

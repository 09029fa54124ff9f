package dev.sheaf.pageserver.serve;

import dev.sheaf.protocol.Deadline;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Waits that are many and short, with deadlines that hardly ever pass. A virtual thread that waits
 * with a time of its own wakes the scheduler's timer twice, which costs more than the rest of the
 * wait: here one task looks after all of them, every {@value #LOOK_MILLIS} ms as long as there are
 * any, so they may end that much late. Thread-safe.
 */
final class CoarseDeadlines {
  static final long LOOK_MILLIS = 50;

  private record Wait(Deadline deadline, CompletableFuture<?> future) {}

  private final Executor background;
  private final LongSupplier nanoClock;
  private final AtomicLong begun = new AtomicLong();

  /** In the order in which they began, which is the one in which they end if several are late. */
  private final Map<Long, Wait> waits = new ConcurrentSkipListMap<>();

  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * @param background runs the task that looks, on a thread of its own
   * @param nanoClock monotonic
   */
  CoarseDeadlines(Executor background, LongSupplier nanoClock) {
    this.background = background;
    this.nanoClock = nanoClock;
  }

  /**
   * The future's value; a future that is late goes on without this caller.
   *
   * @throws TimeoutException when the deadline has passed
   */
  <T> T await(CompletableFuture<T> future, Deadline deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (future.isDone()) {
      return future.get();
    }
    CompletableFuture<T> mine = future.copy();
    long number = begun.incrementAndGet();
    waits.put(number, new Wait(deadline, mine));
    try {
      lookSoon();
      return mine.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException late) {
        throw late;
      }
      throw e;
    } finally {
      waits.remove(number);
    }
  }

  private void lookSoon() {
    if (!looking.get() && looking.compareAndSet(false, true)) {
      background.execute(this::look);
    }
  }

  private void look() {
    while (!waits.isEmpty()) {
      Waiting.pause(LOOK_MILLIS);
      long now = nanoClock.getAsLong();
      for (Wait wait : waits.values()) {
        if (wait.deadline.isExpired(now)) {
          wait.future.completeExceptionally(new TimeoutException());
        }
      }
    }
    looking.set(false);
    // A wait that came just before found the task still there.
    if (!waits.isEmpty()) {
      lookSoon();
    }
  }
}

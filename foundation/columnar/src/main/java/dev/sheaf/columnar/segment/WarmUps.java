package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches in the background what was hot elsewhere or before: for all of a process, one list after
 * the other and one request at a time. Half of the cache is for it; what has been fetched counts
 * less and less over ten minutes, so that whatever comes in a day never drives out what is in use
 * now. Thread-safe.
 */
public final class WarmUps {
  private static final System.Logger LOG = System.getLogger(WarmUps.class.getName());

  /** What is hot by then has been fetched by those who need it. */
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** After which the whole half may be fetched again. */
  private static final long REFILL_NANOS = TimeUnit.MINUTES.toNanos(10);

  private static final int MOST_WAITING = 100_000;

  private final Segments segments;
  private final BlockCache cache;
  private final Executor background;
  private final LongSupplier nanos;

  // Guarded by this.
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private boolean running;
  private double allowance;
  private long countedNanos;

  /**
   * @param segments through the cache
   * @param background runs blocking work
   * @param nanos monotonic
   */
  public WarmUps(Segments segments, BlockCache cache, Executor background, LongSupplier nanos) {
    this.segments = segments;
    this.cache = cache;
    this.background = background;
    this.nanos = nanos;
    this.allowance = limitBytes();
    this.countedNanos = nanos.getAsLong();
  }

  /** One list and who wants it fetched. Called by one thread at a time; calls may block. */
  public interface Job {
    /** For people. */
    String name();

    /**
     * What is to be fetched, read when it is this one's turn.
     *
     * @throws SheafException the list cannot be used
     */
    HotPages list();

    /** Whether nobody wants it any more. Asked often, never waits. */
    boolean isStopped();

    /** The end, whatever it was; always called, and last. */
    void ended();
  }

  private record Waiting(Job job, long sinceNanos) {}

  private long limitBytes() {
    return cache.capacityBytes() / 2;
  }

  /** The pages that this process has used more than once, up to half of the cache. */
  public HotPages hottest() {
    return HotPages.of(cache, limitBytes());
  }

  /** Does a job when those before it are done, if that is soon enough. Never waits. */
  public void begin(Job job) {
    boolean first;
    synchronized (this) {
      if (waiting.size() == MOST_WAITING) {
        job.ended();
        return;
      }
      waiting.add(new Waiting(job, nanos.getAsLong()));
      first = !running;
      running = true;
    }
    if (!first) {
      return;
    }
    try {
      background.execute(this::run);
    } catch (RejectedExecutionException e) {
      giveUp();
    }
  }

  /** The process ends. */
  private void giveUp() {
    Waiting next;
    while ((next = next()) != null) {
      next.job.ended();
    }
  }

  private synchronized @Nullable Waiting next() {
    Waiting next = waiting.poll();
    running = next != null;
    return next;
  }

  private void run() {
    Waiting next;
    while ((next = next()) != null) {
      try {
        restore(next);
      } catch (SheafException e) {
        LOG.log(System.Logger.Level.INFO, "{0} begins cold: {1}", next.job.name(), e.getMessage());
      } catch (RuntimeException | Error e) {
        // Whatever it was: those that wait must not wait for ever.
        LOG.log(System.Logger.Level.ERROR, next.job.name() + " begins cold", e);
      } finally {
        next.job.ended();
      }
    }
  }

  private void restore(Waiting next) {
    BooleanSupplier stop =
        () ->
            next.job.isStopped()
                || Thread.currentThread().isInterrupted()
                || nanos.getAsLong() - next.sinceNanos > PATIENCE_NANOS;
    if (stop.getAsBoolean()) {
      return;
    }
    HotPages list = next.job.list();
    long fetched = WarmUp.restore(list, segments, left(), stop);
    spend(fetched);
    if (fetched > 0) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: fetched {1} bytes that were hot before",
          next.job.name(),
          fetched);
    }
  }

  private synchronized long left() {
    long now = nanos.getAsLong();
    double refilled = (double) limitBytes() * (now - countedNanos) / REFILL_NANOS;
    allowance = Math.min(limitBytes(), allowance + refilled);
    countedNanos = now;
    return (long) allowance;
  }

  private synchronized void spend(long bytes) {
    allowance -= bytes;
  }
}

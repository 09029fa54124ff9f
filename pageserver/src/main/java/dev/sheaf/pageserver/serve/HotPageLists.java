package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.HotPages;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Writes the lists of hot pages of a page server's shards: every few minutes, and when shards
 * leave. Only of shards that were read since; the others cost no request. Thread-safe.
 */
final class HotPageLists {
  private static final System.Logger LOG = System.getLogger(HotPageLists.class.getName());
  private static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** After lists could not be written in time, those of shards that leave are not. */
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Optional<WarmUps> warmUps;
  private final Executor background;
  private final LongSupplier nanoClock;
  private volatile long writtenNanos;
  private volatile long pausedUntilNanos;

  HotPageLists(Optional<WarmUps> warmUps, Executor background, LongSupplier nanoClock) {
    this.warmUps = warmUps;
    this.background = background;
    this.nanoClock = nanoClock;
    this.writtenNanos = nanoClock.getAsLong();
    this.pausedUntilNanos = writtenNanos;
  }

  /**
   * Writes what has changed, if it is time for it. By one caller at a time; waits for the store.
   */
  void writeIfDue(List<ShardHotPages> open) {
    long now = nanoClock.getAsLong();
    if (warmUps.isPresent() && now - writtenNanos >= PERIOD_NANOS) {
      writtenNanos = now;
      write(warmUps.get(), open);
    }
  }

  private static void write(WarmUps warmUps, Collection<ShardHotPages> open) {
    List<ShardHotPages> due = open.stream().filter(ShardHotPages::takeUsed).toList();
    if (due.isEmpty()) {
      return;
    }
    HotPages all = warmUps.hottest();
    for (int i = 0; i < due.size(); i++) {
      try {
        due.get(i).save(all);
      } catch (SheafException e) {
        // It is the store's fault: the others would only wait for it as well.
        due.subList(i, due.size()).forEach(ShardHotPages::used);
        LOG.log(
            System.Logger.Level.INFO,
            "lists of hot pages are not written for now: " + e.getMessage());
        return;
      }
    }
  }

  /**
   * Begins to write what has changed of shards that are about to leave.
   *
   * @param millis after which {@link Leaving#await} waits no longer
   */
  Leaving leave(List<ShardHotPages> leaving, long millis) {
    long now = nanoClock.getAsLong();
    var deadline = Deadline.after(now, millis);
    if (warmUps.isEmpty() || now - pausedUntilNanos < 0) {
      return new Leaving(CompletableFuture.completedFuture(null), deadline);
    }
    return new Leaving(
        CompletableFuture.runAsync(() -> write(warmUps.get(), leaving), background), deadline);
  }

  /** Lists on their way to the store. */
  final class Leaving {
    private final CompletableFuture<Void> written;
    private final Deadline deadline;

    private Leaving(CompletableFuture<Void> written, Deadline deadline) {
      this.written = written;
      this.deadline = deadline;
    }

    /** Returns when they are there, or when that takes too long: nobody depends on them. */
    void await() {
      try {
        Waiting.awaitDone(written, deadline, nanoClock, "writing lists of hot pages");
      } catch (SheafException e) {
        pausedUntilNanos = nanoClock.getAsLong() + PAUSE_NANOS;
        LOG.log(System.Logger.Level.INFO, "shards leave without hot pages: " + e.getMessage());
      }
    }
  }
}

package dev.sheaf.server;

import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Aborts uploads in parts whose process died in the middle: their parts cost room and no listing of
 * objects shows them. Once a day, by the control plane that leads. Thread-safe.
 */
final class UploadJanitor implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(UploadJanitor.class.getName());
  private static final Duration PERIOD = Duration.ofDays(1);

  /** No upload takes so long: a younger one may still be under way. */
  private static final Duration OLD = Duration.ofDays(1);

  private static final Duration FIRST = Duration.ofMinutes(10);

  private final Uploads uploads;
  private final LeaderElection election;
  private final InstantSource clock;
  private final ScheduledFuture<?> rounds;

  /** The uploads in parts of a store. */
  @FunctionalInterface
  interface Uploads {
    /** Aborts those that began before a time and have not ended; returns how many. */
    int abortBefore(Instant time);
  }

  /**
   * @param blocking runs the rounds, which wait for the store
   */
  UploadJanitor(
      Uploads uploads,
      LeaderElection election,
      InstantSource clock,
      Executor blocking,
      ScheduledExecutorService timer) {
    this.uploads = uploads;
    this.election = election;
    this.clock = clock;
    this.rounds =
        timer.scheduleWithFixedDelay(
            () -> blocking.execute(this::round),
            FIRST.toMinutes(),
            PERIOD.toMinutes(),
            TimeUnit.MINUTES);
  }

  /** One look, if this process leads. */
  void round() {
    if (election.leadership().isEmpty()) {
      return;
    }
    try {
      int aborted = uploads.abortBefore(clock.instant().minus(OLD));
      LOG.log(System.Logger.Level.INFO, "aborted {0} uploads that nobody finished", aborted);
    } catch (SheafException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot look for unfinished uploads, next try in a day: " + e.message());
    }
  }

  @Override
  public void close() {
    rounds.cancel(false);
  }
}

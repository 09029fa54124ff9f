package dev.sheaf.server;

import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
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

  private final S3ObjectStore objects;
  private final LeaderElection election;
  private final InstantSource clock;
  private final ScheduledFuture<?> rounds;

  /**
   * @param blocking runs the rounds, which wait for the store
   */
  UploadJanitor(
      S3ObjectStore objects,
      LeaderElection election,
      InstantSource clock,
      Executor blocking,
      ScheduledExecutorService timer) {
    this.objects = objects;
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
      int aborted = objects.abortUploadsBefore(clock.instant().minus(OLD));
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

package dev.sheaf.server;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Has a page server look after its shards now and then. Thread-safe. */
final class ShardUpkeep implements AutoCloseable {
  private static final long PERIOD_SECONDS = 10;

  private final ScheduledFuture<?> rounds;

  /**
   * @param blocking runs the rounds, which wait for the stores
   */
  ShardUpkeep(Runnable round, Executor blocking, ScheduledExecutorService timer) {
    this.rounds =
        timer.scheduleWithFixedDelay(
            () -> blocking.execute(round), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    boolean unused = rounds.cancel(false);
  }
}

package dev.sheaf.server;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The threads that the roles share.
 *
 * @param blocking a virtual thread for each task; tasks may wait
 * @param timer one thread for short tasks that never wait
 */
record ServerThreads(ExecutorService blocking, ScheduledExecutorService timer)
    implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;

  static ServerThreads start() {
    return new ServerThreads(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("sheaf-", 0).factory()),
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sheaf-timer").factory()));
  }

  /** Everything that used them has been closed: what still runs is interrupted. */
  @Override
  public void close() {
    timer.shutdownNow();
    blocking.shutdownNow();
    try {
      boolean ended = blocking.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        System.getLogger(ServerThreads.class.getName())
            .log(System.Logger.Level.WARNING, "some tasks did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.sheaf.rpc.shard.grpc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Tells the server from time to time that the readers and loaders are still there. Thread-safe. */
final class Renewals implements AutoCloseable {
  /** A stream that needs it. */
  interface Renewable {
    /** Must not block. */
    void renew();

    /** The client is being closed. */
    void abort();
  }

  private final Set<Renewable> open = ConcurrentHashMap.newKeySet();
  private final ScheduledFuture<?> ticking;

  Renewals(ScheduledExecutorService timer, long everyMillis) {
    this.ticking =
        timer.scheduleWithFixedDelay(
            () -> open.forEach(Renewable::renew), everyMillis, everyMillis, TimeUnit.MILLISECONDS);
  }

  void add(Renewable stream) {
    open.add(stream);
  }

  void remove(Renewable stream) {
    open.remove(stream);
  }

  /** Aborts all streams. */
  @Override
  public void close() {
    ticking.cancel(false);
    open.forEach(Renewable::abort);
  }
}

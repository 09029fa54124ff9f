package dev.sheaf.server;

import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.ShardHost;
import java.time.InstantSource;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The control plane: knows the databases, and keeps bringing them to where they should be. */
final class ControlRole implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ControlRole.class.getName());
  private static final long START_MILLIS = 30_000;
  private static final long PASS_SECONDS = 1;
  private static final long FORGET_SECONDS = 3_600;

  private final DatabaseRegistry registry;
  private final ServerThreads threads;
  private final AtomicBoolean passing = new AtomicBoolean();
  private @Nullable ScheduledFuture<?> passes;
  private @Nullable ScheduledFuture<?> forgetting;

  private ControlRole(DatabaseRegistry registry, ServerThreads threads) {
    this.registry = registry;
    this.threads = threads;
  }

  static ControlRole start(
      Coordination coordination, int maxDatabases, ServerThreads threads, RandomGenerator random) {
    var registry =
        new DatabaseRegistry(
            coordination,
            InstantSource.system(),
            System::nanoTime,
            random,
            maxDatabases,
            Deadline.after(System.nanoTime(), START_MILLIS));
    return new ControlRole(registry, threads);
  }

  DatabaseRegistry registry() {
    return registry;
  }

  /**
   * Opens what should be open, takes up what a former process left undone, and goes on doing so. A
   * database that cannot be opened does not keep the others from being served.
   */
  DatabaseLifecycle serve(ShardHost host) {
    var lifecycle = new DatabaseLifecycle(registry, host, threads.blocking(), System::nanoTime);
    lifecycle.pass();
    passes =
        threads
            .timer()
            .scheduleWithFixedDelay(
                () -> threads.blocking().execute(() -> pass(lifecycle)),
                PASS_SECONDS,
                PASS_SECONDS,
                TimeUnit.SECONDS);
    forgetting =
        threads
            .timer()
            .scheduleWithFixedDelay(
                () -> threads.blocking().execute(this::forget),
                FORGET_SECONDS,
                FORGET_SECONDS,
                TimeUnit.SECONDS);
    return lifecycle;
  }

  private void pass(DatabaseLifecycle lifecycle) {
    if (passing.compareAndSet(false, true)) {
      try {
        lifecycle.pass();
      } finally {
        passing.set(false);
      }
    }
  }

  private void forget() {
    try {
      int forgotten = registry.forgetExpired();
      LOG.log(System.Logger.Level.DEBUG, "forgot {0} idempotency keys", forgotten);
    } catch (SheafException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot forget idempotency keys: " + e.message());
    }
  }

  @Override
  public void close() {
    if (passes != null) {
      passes.cancel(false);
    }
    if (forgetting != null) {
      forgetting.cancel(false);
    }
    registry.close();
  }
}

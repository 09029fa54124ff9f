package dev.sheaf.testkit.sim;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Timers of one incarnation of a machine; each task runs on a thread of its own. */
public final class SimTimer extends AbstractExecutorService implements ScheduledExecutorService {
  private final Machine machine;
  private final int incarnation;

  public SimTimer(Machine machine) {
    this.machine = machine;
    this.incarnation = machine.incarnation();
  }

  private static final class Task<V> extends CompletableFuture<V> implements ScheduledFuture<V> {
    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    var task = new Task<Void>();
    spawn(
        unit.toNanos(delay),
        () -> {
          if (!task.isCancelled()) {
            command.run();
            task.complete(null);
          }
        });
    return task;
  }

  private void spawn(long nanos, Runnable body) {
    if (machine.lives(incarnation)) {
      machine.spawn(nanos, "timer", body);
    }
  }

  /** Refused: nothing under simulation asks a timer for a value. Schedule a {@link Runnable}. */
  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("timers run tasks without a value");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return scheduleWithFixedDelay(command, initialDelay, period, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    var task = new Task<Void>();
    repeat(task, command, unit.toNanos(initialDelay), unit.toNanos(delay));
    return task;
  }

  private void repeat(Task<Void> task, Runnable command, long firstNanos, long nanos) {
    spawn(
        firstNanos,
        () -> {
          if (!task.isCancelled()) {
            command.run();
            repeat(task, command, nanos, nanos);
          }
        });
  }

  @Override
  public void execute(Runnable command) {
    spawn(0, command);
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return !machine.lives(incarnation);
  }

  @Override
  public boolean isTerminated() {
    return isShutdown();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}

package dev.sheaf.rpc.cluster;

import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A task that is run soon after each nudge: one run at a time, and one more for all the nudges that
 * come meanwhile. A run that fails is logged and does not end the task. Thread-safe.
 */
public final class CoalescedTask implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CoalescedTask.class.getName());

  private enum State {
    IDLE,
    RUNNING,
    /** Running, and nudged since the run began. */
    DUE_AGAIN,
    CLOSED
  }

  private final String name;
  private final Runnable task;
  private final Executor executor;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

  /** By one run after the other. */
  private volatile boolean failing;

  /**
   * @param name for the log
   * @param executor runs the task, which may block
   */
  public CoalescedTask(String name, Runnable task, Executor executor) {
    this.name = name;
    this.task = task;
    this.executor = executor;
  }

  /** Never blocks. */
  public void nudge() {
    State before =
        state.getAndUpdate(now ->
            switch (now) {
              case IDLE -> State.RUNNING;
              case RUNNING, DUE_AGAIN -> State.DUE_AGAIN;
              case CLOSED -> State.CLOSED;
            });
    if (before == State.IDLE) {
      try {
        executor.execute(this::run);
      } catch (RejectedExecutionException e) {
        state.compareAndSet(State.RUNNING, State.IDLE);
      }
    }
  }

  private void run() {
    do {
      state.compareAndSet(State.DUE_AGAIN, State.RUNNING);
      runOnce();
    } while (!state.compareAndSet(State.RUNNING, State.IDLE) && state.get() != State.CLOSED);
  }

  private void runOnce() {
    try {
      task.run();
      failing = false;
    } catch (SheafException e) {
      // A store that is away for long is told once, not each second.
      LOG.log(
          failing ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          name + " will be tried again: " + e.message());
      failing = true;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, name + " failed and will be tried again", e);
    }
  }

  /** No run begins after this; one may still be under way. */
  @Override
  public void close() {
    state.set(State.CLOSED);
  }
}

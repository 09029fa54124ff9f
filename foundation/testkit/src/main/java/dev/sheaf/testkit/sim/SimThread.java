package dev.sheaf.testkit.sim;

import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a simulated machine. It runs only between {@link Simulation#resume} and its next
 * wait; simulated time stands still meanwhile.
 */
final class SimThread {
  private static final ThreadLocal<SimThread> CURRENT = new ThreadLocal<>();

  private final Simulation simulation;
  private final Machine machine;
  private final String name;
  private final Thread thread;

  /** Counts waits, so that a late timer does not end a later one. */
  private long waits;

  private boolean waiting;
  private boolean woken;
  private boolean dying;
  private boolean ended;

  SimThread(Simulation simulation, Machine machine, String name, Runnable body) {
    this.simulation = simulation;
    this.machine = machine;
    this.name = name;
    this.thread = Thread.ofVirtual().name(name).unstarted(() -> live(body));
  }

  static @Nullable SimThread current() {
    return CURRENT.get();
  }

  Simulation simulation() {
    return simulation;
  }

  Machine machine() {
    return machine;
  }

  boolean hasEnded() {
    return ended;
  }

  private void live(Runnable body) {
    CURRENT.set(this);
    try {
      awaitTurn();
      if (!dying) {
        body.run();
      }
    } catch (MachineDied e) {
      // As it should.
    } catch (SheafException e) {
      simulation.note(machine.name(), name + " ended: " + e.message());
    } catch (Throwable e) {
      if (!dying) {
        simulation.fail(e);
      }
    } finally {
      ended = true;
      machine.ended(this);
      simulation.release();
    }
  }

  /** In the loop. */
  void begin() {
    thread.start();
    simulation.resume(this);
  }

  void unpark() {
    LockSupport.unpark(thread);
  }

  StackTraceElement[] stack() {
    return thread.getStackTrace();
  }

  /** The methods of production code that it is in. */
  String place() {
    return Arrays.stream(stack())
        .filter(frame -> frame.getClassName().startsWith("dev.sheaf."))
        .filter(frame -> !frame.getClassName().startsWith(SimThread.class.getPackageName()))
        .limit(4)
        .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
        .collect(Collectors.joining(" < "));
  }

  private void awaitTurn() {
    while (!simulation.isRunning(this)) {
      LockSupport.park(this);
    }
  }

  /** Unwinds the thread. In the loop. */
  void kill() {
    if (ended || thread.getState() == Thread.State.NEW) {
      return;
    }
    dying = true;
    simulation.resume(this);
  }

  /** Nothing that a dead machine does may have an effect. */
  void checkAlive() {
    if (dying) {
      throw new MachineDied();
    }
  }

  boolean isDying() {
    return dying;
  }

  // ---- waiting, on the thread itself

  /** Prepares a wait: from now on {@link #wake} with the number counts. */
  long beginWait() {
    checkAlive();
    waiting = true;
    woken = false;
    return ++waits;
  }

  /**
   * Waits to be woken.
   *
   * @return false if the time passed before that
   */
  boolean await(long timeoutNanos) {
    if (!woken && timeoutNanos > 0) {
      long wait = waits;
      if (timeoutNanos < Long.MAX_VALUE) {
        simulation.schedule(machine, timeoutNanos, name + " times out", () -> timeOut(wait));
      }
      simulation.release();
      awaitTurn();
    }
    waiting = false;
    checkAlive();
    return woken;
  }

  void sleep(long nanos) {
    long _ = beginWait();
    boolean _ = await(Math.max(nanos, 1));
  }

  private void timeOut(long wait) {
    if (waiting && !woken && waits == wait) {
      simulation.resume(this);
    }
  }

  /** Ends a wait, a moment later. From anywhere. */
  void wake(long wait) {
    if (!waiting || woken || waits != wait || ended) {
      return;
    }
    woken = true;
    long delay = simulation.random().nextInt(20_000);
    simulation.schedule(
        machine,
        delay,
        name,
        () -> {
          if (waiting && waits == wait) {
            simulation.resume(this);
          }
        });
  }

  /** Now and then somebody else goes first. */
  void maybeYield() {
    if (simulation.chance(simulation.preemption())) {
      sleep(simulation.random().nextInt(200_000));
    }
  }

  @Override
  public String toString() {
    return machine.name() + "/" + name;
  }
}

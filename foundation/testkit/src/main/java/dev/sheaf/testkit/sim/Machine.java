package dev.sheaf.testkit.sim;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * A simulated process with its clocks. It can be started, crashed at any event, and paused: then
 * nothing happens in it while the world goes on. What survives a crash (a disk) lies outside of it.
 */
public final class Machine {
  private static final long EPOCH_MILLIS = 1_800_000_000_000L;

  private final Simulation simulation;
  private final String name;
  private final Set<SimThread> threads = new LinkedHashSet<>();
  private final long monotonicBegin;
  private final double rate;
  private long wallOffsetMillis;
  private int incarnation;
  private boolean up;
  private long pausedUntil;

  Machine(Simulation simulation, String name) {
    this.simulation = simulation;
    this.name = name;
    // No two machines agree on where their monotonic clocks begin, or quite on how fast they go.
    this.monotonicBegin = simulation.random().nextLong(1L << 50);
    this.rate = 1 + (simulation.random().nextDouble() - 0.5) * 1e-3;
  }

  public Simulation simulation() {
    return simulation;
  }

  public String name() {
    return name;
  }

  public boolean isUp() {
    return up;
  }

  /** How often it was started. */
  public int incarnation() {
    return incarnation;
  }

  /** Switches it on and runs its beginning on a thread of it. */
  public void start(Runnable main) {
    if (up) {
      throw new IllegalStateException(name + " runs");
    }
    up = true;
    incarnation++;
    pausedUntil = 0;
    spawn("main", main);
  }

  /** From an event, never from its own threads. */
  public void crash() {
    if (!up) {
      return;
    }
    up = false;
    List.copyOf(threads).forEach(SimThread::kill);
    threads.clear();
  }

  /** As a long collection of garbage, or SIGSTOP. */
  public void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, simulation.nanos() + nanos);
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** Monotonic time as this machine measures it. */
  public long nanos() {
    return monotonicBegin + (long) (simulation.nanos() * rate);
  }

  /** Milliseconds since the epoch, as far as this machine knows. */
  public long wallMillis() {
    return EPOCH_MILLIS + simulation.nanos() / 1_000_000 + wallOffsetMillis;
  }

  /** Sets the wall clock's error. */
  public void setWallOffset(long millis) {
    wallOffsetMillis = millis;
  }

  /** Runs a task on a new thread of this machine, soon. */
  public void spawn(String what, Runnable task) {
    spawn(simulation.random().nextInt(10_000), what, task);
  }

  public void spawn(long delayNanos, String what, Runnable task) {
    simulation.schedule(
        this,
        delayNanos,
        what,
        () -> {
          SimThread thread = new SimThread(simulation, this, what, task);
          threads.add(thread);
          thread.begin();
        });
  }

  void ended(SimThread thread) {
    threads.remove(thread);
  }

  /** Each task on a thread of its own, while this incarnation lives. */
  public Executor executor(String what) {
    int mine = incarnation;
    return task -> {
      if (lives(mine)) {
        spawn(what, task);
      }
    };
  }

  /** For code that makes its threads by itself; {@code start} must be woven. */
  public ThreadFactory threads(String what) {
    return task -> new Thread(task, what);
  }

  boolean lives(int wanted) {
    return up && incarnation == wanted;
  }

  /** The threads that have not ended and where they wait, for a run that does not come to rest. */
  public List<String> waiting() {
    var waiting = new ArrayList<String>();
    threads.forEach(thread -> waiting.add(thread + " in " + thread.place()));
    return waiting;
  }

  @Override
  public String toString() {
    return name;
  }
}

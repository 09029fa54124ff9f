package dev.sheaf.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run: a queue of events ordered by simulated time, and the one source of chance. Events at one
 * moment come in the order in which they were scheduled. After every event the invariants are
 * checked.
 *
 * <p>Code runs either in an event (it must not block then) or on a {@link SimThread}, which an
 * event resumes and which gives control back when it blocks. The thread that calls {@link #run}
 * waits meanwhile: one of them runs at any time, and nothing here needs a lock.
 */
public final class Simulation {
  /** How long code may run between two waits before it counts as hanging. */
  private static final long HANG_NANOS = 30_000_000_000L;

  private record Event(
      long nanos,
      long number,
      @Nullable Machine machine,
      int incarnation,
      String what,
      Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(nanos, other.nanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final long seed;
  private final Random random;
  private final Trace trace = new Trace();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<Runnable> invariants = new ArrayList<>();
  private final List<Machine> machines = new ArrayList<>();
  private final Blocking.Locks locks = new Blocking.Locks();
  private final double preemption;
  private long nanos;
  private long number;

  private volatile @Nullable SimThread running;
  private volatile @Nullable Thread loop;
  private @Nullable Throwable failure;

  /**
   * @param seed decides everything
   */
  public Simulation(long seed) {
    this.seed = seed;
    this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
    this.preemption = List.of(0.0, 0.01, 0.1).get(random.nextInt(3));
  }

  public long seed() {
    return seed;
  }

  /** True time since the start; machines have clocks of their own. */
  public long nanos() {
    return nanos;
  }

  public Random random() {
    return random;
  }

  public Trace trace() {
    return trace;
  }

  /** True with that probability. */
  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** Uniform in [from, to] milliseconds, as nanoseconds. */
  public long betweenMillis(double from, double to) {
    return (long) ((from + random.nextDouble() * (to - from)) * 1e6);
  }

  /** A new machine, which is off. */
  public Machine machine(String name) {
    Machine machine = new Machine(this, name);
    machines.add(machine);
    return machine;
  }

  /** Checked after every event; throws when it does not hold. */
  public void invariant(Runnable check) {
    invariants.add(check);
  }

  /** Writes to the trace. */
  public void note(String machine, String what) {
    trace.add(nanos, machine, what);
  }

  /** An event of the world, not of a machine. It must not block. */
  public void after(long delayNanos, String what, Runnable action) {
    schedule(null, delayNanos, what, action);
  }

  /** An event of a machine as it is now: it does not happen once the machine has died. */
  void schedule(@Nullable Machine machine, long delayNanos, String what, Runnable action) {
    int incarnation = machine == null ? 0 : machine.incarnation();
    events.add(
        new Event(nanos + Math.max(0, delayNanos), number++, machine, incarnation, what, action));
  }

  /** Ends the run with a failure. */
  public void fail(Throwable why) {
    if (failure == null) {
      failure = why;
    }
  }

  Blocking.Locks locks() {
    return locks;
  }

  double preemption() {
    return preemption;
  }

  /**
   * Runs until the condition holds, or the time has come.
   *
   * @return whether the condition holds
   * @throws SimulationFailure with the last events, when something that must not happen did
   */
  public boolean run(long untilNanos, BooleanSupplier condition) {
    loop = Thread.currentThread();
    while (!condition.getAsBoolean()) {
      Event event = events.peek();
      if (event == null || event.nanos > untilNanos) {
        nanos = Math.max(nanos, untilNanos);
        return false;
      }
      events.poll();
      happen(event);
      if (failure != null) {
        throw failed(failure);
      }
    }
    return true;
  }

  private void happen(Event event) {
    Machine machine = event.machine;
    if (machine != null) {
      if (!machine.isUp() || machine.incarnation() != event.incarnation) {
        return;
      }
      if (machine.pausedUntil() > event.nanos) {
        events.add(
            new Event(
                machine.pausedUntil(),
                number++,
                machine,
                event.incarnation,
                event.what,
                event.action));
        return;
      }
    }
    nanos = event.nanos;
    trace.add(nanos, machine == null ? "" : machine.name(), event.what);
    try {
      event.action.run();
      invariants.forEach(Runnable::run);
    } catch (Throwable e) {
      fail(e);
    }
  }

  private SimulationFailure failed(Throwable why) {
    return new SimulationFailure(
        "seed %d: %s%nlast events:%n  %s"
            .formatted(
                seed, why, String.join("\n  ", trace.last(Integer.getInteger("sim.events", 60)))),
        why);
  }

  /** Stops all machines, so that no thread stays behind. */
  public void close() {
    loop = Thread.currentThread();
    machines.forEach(Machine::crash);
  }

  // ---- the handing over of control

  /** In the loop: lets a thread run until it waits or ends. */
  void resume(SimThread thread) {
    SimThread caller = running;
    if (caller != null) {
      throw new IllegalStateException(caller + " cannot resume " + thread);
    }
    running = thread;
    thread.unpark();
    long since = System.nanoTime();
    while (running != null) {
      LockSupport.parkNanos(this, HANG_NANOS / 10);
      if (running != null && System.nanoTime() - since > HANG_NANOS) {
        var stuck = new SimulationFailure(thread + " hangs in real time");
        stuck.setStackTrace(thread.stack());
        throw stuck;
      }
    }
  }

  /** On a thread: gives control back to the loop. */
  void release() {
    Thread waiting = loop;
    running = null;
    LockSupport.unpark(waiting);
  }

  boolean isRunning(SimThread thread) {
    return running == thread;
  }
}

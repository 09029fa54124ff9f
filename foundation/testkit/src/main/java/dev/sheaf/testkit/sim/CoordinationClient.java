package dev.sheaf.testkit.sim;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One machine's way to coordination: slow, sometimes broken, sometimes after the fact. */
final class CoordinationClient implements Coordination {
  private static final long TIMEOUT_MILLIS = 1_000;

  /** A holder stops this part of the length earlier: clocks differ in speed. */
  private static final long MARGIN_PART = 20;

  private final SimulatedCoordination store;
  private final Simulation simulation;
  private final Machine machine;
  private final int incarnation;

  CoordinationClient(SimulatedCoordination store, Simulation simulation, Machine machine) {
    this.store = store;
    this.simulation = simulation;
    this.machine = machine;
    this.incarnation = machine.incarnation();
  }

  @Override
  public Optional<Entry> get(String key) {
    return read(() -> store.get(key));
  }

  @Override
  public List<Entry> list(String prefix) {
    return read(() -> store.list(prefix));
  }

  @Override
  public boolean commit(List<Condition> conditions, List<Change> changes) {
    toStore();
    boolean done = store.commit(conditions, changes);
    if (isSimulated()) {
      pause();
      if (!store.isReachable(machine)
          || simulation.chance(store.faults().coordinationAmbiguity())) {
        throw new SheafException(
            ErrorCode.STATEMENT_COMPLETION_UNKNOWN, "coordination did not answer");
      }
    }
    return done;
  }

  private <T> T read(Supplier<T> read) {
    toStore();
    T found = read.get();
    if (isSimulated()) {
      pause();
    }
    return found;
  }

  private void toStore() {
    if (!isSimulated()) {
      return;
    }
    pause();
    boolean lost = !store.isReachable(machine);
    if (lost) {
      sleep(TIMEOUT_MILLIS, TIMEOUT_MILLIS + 10);
    }
    if (lost || simulation.chance(store.faults().coordinationError())) {
      throw new SheafException(ErrorCode.IO_ERROR, "coordination cannot be reached");
    }
  }

  private static boolean isSimulated() {
    return SimThread.current() != null;
  }

  private void pause() {
    sleep(0.1, simulation.random().nextInt(30) == 0 ? 100 : 2);
  }

  private void sleep(double fromMillis, double toMillis) {
    SimThread thread = SimThread.current();
    if (thread != null) {
      thread.sleep(simulation.betweenMillis(fromMillis, toMillis));
    }
  }

  // ---- leases

  @Override
  public Lease grantLease(long ttlMillis) {
    long sent = machine.nanos();
    toStore();
    var lease = new HeldLease(store.grant(ttlMillis), ttlMillis);
    lease.renewed(sent);
    if (isSimulated()) {
      pause();
      lease.keepAlive();
    }
    return lease;
  }

  private final class HeldLease implements Lease {
    private final long id;
    private final long ttlMillis;
    private long validUntil;
    private boolean over;

    HeldLease(long id, long ttlMillis) {
      this.id = id;
      this.ttlMillis = ttlMillis;
    }

    void renewed(long sentNanos) {
      validUntil = sentNanos + (ttlMillis - ttlMillis / MARGIN_PART) * 1_000_000;
    }

    void keepAlive() {
      machine.spawn(
          ttlMillis * 1_000_000 / 3,
          "renews lease " + id,
          () -> {
            if (over || !machine.lives(incarnation)) {
              return;
            }
            long sent = machine.nanos();
            try {
              toStore();
              if (!store.renew(id, ttlMillis)) {
                over = true;
                return;
              }
              pause();
              if (store.isReachable(machine)) {
                renewed(sent);
              }
            } catch (SheafException unreachable) {
              simulation.note(machine.name(), "cannot renew lease " + id);
            }
            keepAlive();
          });
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public long validUntilNanos() {
      return over ? machine.nanos() - 1 : validUntil;
    }

    @Override
    public void close() {
      over = true;
      if (!isSimulated() || store.isReachable(machine)) {
        store.revoke(id);
      }
    }
  }

  // ---- watches

  @Override
  public AutoCloseable watch(String prefix, Consumer<WatchEvent> listener) {
    var watcher = new DelayedWatch(prefix, listener, isSimulated());
    store.watch(watcher);
    return watcher::close;
  }

  /** Events come late, but in order. */
  private final class DelayedWatch implements SimulatedCoordination.Watcher {
    private final String prefix;
    private final Consumer<WatchEvent> listener;
    private final boolean simulated;
    private long lastDelivery;
    private volatile boolean closed;

    /** Without a simulation the listener may lag all the same. */
    private final ExecutorService realThread =
        Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

    DelayedWatch(String prefix, Consumer<WatchEvent> listener, boolean simulated) {
      this.prefix = prefix;
      this.listener = listener;
      this.simulated = simulated;
    }

    @Override
    public String prefix() {
      return prefix;
    }

    @Override
    public void offer(List<WatchEvent> events) {
      if (!simulated) {
        realThread.execute(() -> tell(events));
        return;
      }
      if (!machine.lives(incarnation)) {
        store.unwatch(this);
        return;
      }
      long at = simulation.nanos() + simulation.betweenMillis(0.1, 20);
      lastDelivery = Math.max(lastDelivery + 1_000, at);
      machine.spawn(lastDelivery - simulation.nanos(), "watch of " + prefix, () -> tell(events));
    }

    private void tell(List<WatchEvent> events) {
      if (!closed) {
        events.forEach(listener);
      }
    }

    void close() {
      closed = true;
      store.unwatch(this);
      realThread.shutdown();
    }
  }

  @Override
  public void close() {}
}

package dev.sheaf.rpc.cluster;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * This process's entry among the nodes. It is kept for as long as the lease lasts and written anew,
 * as another incarnation, when that was lost. A name belongs to one process at a time. Thread-safe.
 */
public final class NodeRegistration implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeRegistration.class.getName());
  private static final long PAUSE_MILLIS = 100;
  private static final long NOTABLE_LOAD = 10;

  private final Coordination coordination;
  private final NodeLease lease;
  private final LongSupplier incarnations;
  private final CoalescedTask keeping;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** What the entry should say. Changed by {@link #change} alone. */
  private volatile NodeInfo wanted;

  /** Held over a write; guards what follows. */
  private final ReentrantLock writing = new ReentrantLock();

  /** The incarnations that this process has had, or tried to have. */
  private final Set<Long> mine = new HashSet<>();

  private @Nullable Written written;
  private @Nullable ScheduledFuture<?> upkeep;
  private @Nullable AutoCloseable drainWatch;
  private boolean complained;
  private volatile boolean closed;

  private record Written(NodeInfo info, Lease lease, long revision) {}

  private NodeRegistration(
      Coordination coordination,
      NodeLease lease,
      NodeInfo self,
      LongSupplier incarnations,
      Executor blocking) {
    this.coordination = coordination;
    this.lease = lease;
    this.wanted = self;
    this.incarnations = incarnations;
    this.keeping = new CoalescedTask("the node's registration", this::keepNow, blocking);
  }

  /**
   * Registers the process, and from then on keeps it registered. While another process holds the
   * name this waits, since that may be a predecessor whose lease is about to end: so let the
   * deadline be longer than a lease.
   *
   * @param self its incarnation is replaced
   * @param incarnations a number that this name never had before, as the wall clock gives
   * @param blocking runs calls to the coordination store
   * @throws SheafException 55006 the name is taken
   */
  public static NodeRegistration register(
      Coordination coordination,
      NodeLease lease,
      NodeInfo self,
      LongSupplier incarnations,
      Executor blocking,
      ScheduledExecutorService timer,
      Deadline deadline) {
    var registration = new NodeRegistration(coordination, lease, self, incarnations, blocking);
    while (!registration.tryWrite()) {
      if (deadline.isExpired(lease.nanoClock().getAsLong())) {
        throw registration.taken();
      }
      pause();
    }
    try {
      registration.keep(timer);
    } catch (RuntimeException e) {
      registration.close();
      throw e;
    }
    return registration;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "interrupted while registering", e);
    }
  }

  private SheafException taken() {
    String name = wanted.name();
    String holder =
        coordination
            .get(NodeInfo.keyOf(name))
            .map(entry -> NodeInfo.decode(entry.key(), entry.value()))
            .map(other ->
                " by a process that listens on "
                    + other.addresses().grpc().or(() -> other.addresses().http()).orElse("no port"))
            .orElse("");
    return new SheafException(
            ErrorCode.OBJECT_IN_USE, "the node name \"" + name + "\" is taken" + holder)
        .withHint("Give each process a name of its own.");
  }

  private void keep(ScheduledExecutorService timer) {
    long period = Math.max(1, lease.ttlMillis() / 3);
    upkeep = timer.scheduleWithFixedDelay(keeping::nudge, period, period, TimeUnit.MILLISECONDS);
    drainWatch = coordination.watch(NodeInfo.drainKey(wanted.name()), this::asked);
  }

  private void asked(WatchEvent event) {
    switch (event) {
      case WatchEvent.Snapshot snapshot -> snapshot.entries().forEach(this::asked);
      case WatchEvent.Put put -> asked(put.entry());
      case WatchEvent.Delete delete -> {
        // A process that drains goes on with it.
      }
    }
  }

  private void asked(Entry drain) {
    NodeInfo self = wanted;
    if (drain.key().equals(NodeInfo.drainKey(self.name()))
        && drain.value().equals(Long.toString(self.incarnation()))) {
      drain();
    }
  }

  /** What this process says of itself. */
  public NodeInfo self() {
    return wanted;
  }

  /** Returns what it was before. */
  private synchronized NodeInfo change(UnaryOperator<NodeInfo> how) {
    NodeInfo before = wanted;
    wanted = how.apply(before);
    return before;
  }

  /** From now on this node takes no work and gives away what it has. Seen by others soon. */
  public void drain() {
    NodeInfo before = change(info -> info.in(NodeState.DRAINING));
    if (before.state() != NodeState.DRAINING) {
      LOG.log(System.Logger.Level.INFO, "node {0} drains", before.name());
      keeping.nudge();
      listeners.forEach(Runnable::run);
    }
  }

  /** Tells the load; small changes are not worth a write. */
  public void report(long requestsPerSecond) {
    long before = wanted.load();
    if (Math.abs(requestsPerSecond - before) > Math.max(NOTABLE_LOAD, before / 4)) {
      NodeInfo unused = change(info -> info.loaded(requestsPerSecond));
      keeping.nudge();
    }
  }

  /** Calls back when this node begins to drain or is registered again; must not block. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** The lease tells everybody else what to think of this node until this has succeeded. */
  private void keepNow() {
    boolean done = tryWrite();
    if (!done && !complained) {
      LOG.log(System.Logger.Level.ERROR, "not registered: " + taken().message());
    }
    complained = !done;
  }

  /** Makes the entry say what it should; false while another process has the name. */
  private boolean tryWrite() {
    boolean again;
    boolean done;
    writing.lock();
    try {
      Lease now = lease.current();
      Written before = written;
      NodeInfo next = wanted;
      if (closed || (before != null && before.lease() == now && before.info().equals(next))) {
        return true;
      }
      written = null;
      if (before != null && before.lease() == now) {
        written = write(next, now, before.revision());
      } else {
        long revision = ownRevision(next.name());
        long incarnation = incarnations.getAsLong();
        mine.add(incarnation);
        NodeInfo unused = change(info -> info.incarnated(incarnation));
        next = wanted;
        written = write(next, now, revision);
      }
      done = written != null;
      again = done && mine.size() > 1;
    } finally {
      writing.unlock();
    }
    if (again) {
      listeners.forEach(Runnable::run);
    }
    return done;
  }

  /** Of an entry that this process left under an earlier lease, or without knowing; else 0. */
  private long ownRevision(String name) {
    return coordination
        .get(NodeInfo.keyOf(name))
        .filter(entry -> mine.contains(NodeInfo.decode(entry.key(), entry.value()).incarnation()))
        .map(Entry::modRevision)
        .orElse(0L);
  }

  private @Nullable Written write(NodeInfo info, Lease on, long revision) {
    String key = NodeInfo.keyOf(info.name());
    String value = info.encode();
    var changes = new ArrayList<>(List.of(new Change(key, value, on)));
    if (revision == 0) {
      // Whoever was asked to drain, it was not this incarnation.
      changes.add(Change.delete(NodeInfo.drainKey(info.name())));
    }
    try {
      boolean unused = coordination.commit(List.of(new Condition(key, revision)), changes);
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        throw e;
      }
    }
    // The value is this incarnation's alone, so reading it back tells whether it was written.
    Optional<Entry> now = coordination.get(key).filter(entry -> entry.value().equals(value));
    return now.map(entry -> new Written(info, on, entry.modRevision())).orElse(null);
  }

  /** Takes the entry off at once. The lease is its owner's to close. */
  @Override
  public void close() {
    closed = true;
    keeping.close();
    if (upkeep != null) {
      upkeep.cancel(false);
    }
    writing.lock();
    try {
      if (drainWatch != null) {
        drainWatch.close();
      }
      Written last = written;
      written = null;
      if (last != null && lease.isValid()) {
        String key = NodeInfo.keyOf(last.info().name());
        boolean unused =
            coordination.commit(
                List.of(new Condition(key, last.revision())), List.of(Change.delete(key)));
      }
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "the node's entry ends with its lease", e);
    } finally {
      writing.unlock();
    }
  }
}

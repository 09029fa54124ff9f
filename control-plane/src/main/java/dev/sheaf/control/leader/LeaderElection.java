package dev.sheaf.control.leader;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.CoalescedTask;
import dev.sheaf.rpc.cluster.NodeLease;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One candidate for the leader among the control planes.
 *
 * <pre>
 * control/leader   on the leader's lease   "&lt;node&gt; &lt;lease id&gt;"
 * </pre>
 *
 * The entry is written only where there is none, so it is one leader's until its lease ends. Each
 * candidate watches it and campaigns as soon as it vanishes. Thread-safe.
 */
public final class LeaderElection implements AutoCloseable {
  static final String KEY = "control/leader";
  private static final System.Logger LOG = System.getLogger(LeaderElection.class.getName());

  private final Coordination coordination;
  private final String node;
  private final NodeLease lease;
  private final CoalescedTask campaign;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AutoCloseable watch;
  private final ScheduledFuture<?> upkeep;
  private volatile @Nullable Leadership present;
  private volatile boolean closed;

  /**
   * Campaigns from now on.
   *
   * @param node this process's name
   * @param blocking runs calls to the coordination store
   */
  public LeaderElection(
      Coordination coordination,
      String node,
      NodeLease lease,
      Executor blocking,
      ScheduledExecutorService timer) {
    this.coordination = coordination;
    this.node = node;
    this.lease = lease;
    this.campaign = new CoalescedTask("the election of a leader", this::campaign, blocking);
    this.watch = coordination.watch(KEY, this::seen);
    long period = Math.max(1, lease.ttlMillis() / 3);
    this.upkeep =
        timer.scheduleWithFixedDelay(campaign::nudge, period, period, TimeUnit.MILLISECONDS);
  }

  /** The present leader's node, as the coordination store knows it. */
  public static Optional<String> leader(Coordination coordination) {
    return coordination
        .get(KEY)
        .map(entry -> entry.value().substring(0, Math.max(0, entry.value().indexOf(' '))));
  }

  /** This process's leadership, if it leads now. */
  public Optional<Leadership> leadership() {
    return Optional.ofNullable(present).filter(Leadership::isHeld);
  }

  /** Calls back when this process begins to lead; the listener must not block. */
  public void onElected(Runnable listener) {
    listeners.add(listener);
  }

  private void seen(WatchEvent event) {
    switch (event) {
      case WatchEvent.Snapshot snapshot -> {
        Leadership mine = present;
        if (mine == null
            || snapshot.entries().stream().noneMatch(e -> e.modRevision() == mine.revision())) {
          campaign.nudge();
        }
      }
      case WatchEvent.Put put -> {
        // Somebody leads; whether it is this process is learnt from the campaign.
      }
      case WatchEvent.Delete delete -> campaign.nudge();
    }
  }

  private void campaign() {
    if (closed) {
      return;
    }
    Lease now = lease.current();
    String value = node + " " + now.id();
    Optional<Entry> entry = coordination.get(KEY);
    if (entry.isEmpty()) {
      tryLead(now, value);
      entry = coordination.get(KEY);
    }
    Leadership before = present;
    Leadership next =
        entry
            .filter(found -> found.value().equals(value))
            .map(found -> new Leadership(found.modRevision(), now, lease.nanoClock()))
            .orElse(null);
    present = next;
    boolean elected = next != null && (before == null || before.revision() != next.revision());
    if (elected) {
      LOG.log(System.Logger.Level.INFO, "{0} leads the control planes", node);
      listeners.forEach(Runnable::run);
    } else if (next == null && before != null) {
      LOG.log(System.Logger.Level.WARNING, "{0} leads the control planes no longer", node);
    }
  }

  /** Reading back tells whether it was this process that was first. */
  private void tryLead(Lease on, String value) {
    try {
      boolean unused =
          coordination.commit(List.of(new Condition(KEY, 0)), List.of(new Change(KEY, value, on)));
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        throw e;
      }
    }
  }

  /** Gives the leadership up at once. The lease is its owner's to close. */
  @Override
  public void close() {
    closed = true;
    upkeep.cancel(false);
    campaign.close();
    Leadership mine = present;
    present = null;
    try {
      watch.close();
      if (mine != null && mine.isHeld()) {
        boolean unused = coordination.commit(List.of(mine.fence()), List.of(Change.delete(KEY)));
      }
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "the leadership ends with its lease", e);
    }
  }
}

package dev.sheaf.pageserver.assign;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.CoalescedTask;
import dev.sheaf.rpc.cluster.NodeRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Puts other safekeepers in the place of those that stay away, in the logs of the shards that are
 * served here, and takes more in where a log began with too few. Only a log's owner changes its
 * members, so owners need not agree with anybody: each counts for itself how long a safekeeper has
 * been gone, anew after it has started or was the first to see it go.
 *
 * <p>One log after the other, so that copies do not crowd out commits. A log keeps its members when
 * no other safekeeper is there, or when too few are left for a majority; when a safekeeper comes
 * back before its turn, it stays; when it comes back later, it is told to drop its copies.
 * Thread-safe.
 */
public final class LostSafekeepers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LostSafekeepers.class.getName());
  private static final long CHANGE_MILLIS = 60_000;
  private static final long LONGEST_PERIOD_MILLIS = 10_000;

  private final PageServer server;
  private final NodeRegistry nodes;
  private final Substitutes substitutes;
  private final int copies;
  private final long absenceNanos;
  private final LongSupplier nanoClock;
  private final FormerSafekeepers former;
  private final CoalescedTask looking;
  private final ScheduledFuture<?> upkeep;

  /** Since when a safekeeper that some log names has been away; changed by the one who looks. */
  private final Map<NodeId, Long> absentSince = new ConcurrentHashMap<>();

  /** Safekeepers that could take a place. */
  @FunctionalInterface
  public interface Substitutes {
    /** Those that are up and are none of the present members, the best for this log first. */
    List<NodeId> of(ShardId shard, Set<NodeId> members);
  }

  /**
   * Begins at once.
   *
   * @param copies members that a log should have
   * @param absenceMillis after so long without a sign of life a safekeeper is taken for lost
   * @param blocking runs the changes, which wait
   */
  public LostSafekeepers(
      PageServer server,
      NodeRegistry nodes,
      Substitutes substitutes,
      int copies,
      long absenceMillis,
      Executor blocking,
      ScheduledExecutorService timer,
      LongSupplier nanoClock) {
    this.server = server;
    this.nodes = nodes;
    this.substitutes = substitutes;
    this.copies = copies;
    this.absenceNanos = TimeUnit.MILLISECONDS.toNanos(absenceMillis);
    this.nanoClock = nanoClock;
    this.former = new FormerSafekeepers(server, nodes);
    this.looking = new CoalescedTask("the look at the safekeepers", this::look, blocking);
    nodes.onChange(looking::nudge);
    long period = Math.clamp(absenceMillis / 4, 1, LONGEST_PERIOD_MILLIS);
    this.upkeep =
        timer.scheduleWithFixedDelay(looking::nudge, period, period, TimeUnit.MILLISECONDS);
  }

  private Map<ShardId, Configuration> members() {
    var members = new HashMap<ShardId, Configuration>();
    for (ShardId shard : server.present()) {
      server.logMembers(shard).ifPresent(configuration -> members.put(shard, configuration));
    }
    return members;
  }

  private void look() {
    Map<ShardId, Configuration> members = members();
    Set<NodeId> lost = lost(members.values());
    members.forEach((shard, configuration) -> {
      boolean incomplete =
          configuration.members().size() < copies
              || configuration.nodes().stream().anyMatch(lost::contains);
      if (incomplete && !configuration.isJoint()) {
        complete(shard, configuration, lost);
      }
    });
    former.tell(members());
  }

  private Set<NodeId> lost(Iterable<Configuration> configurations) {
    long now = nanoClock.getAsLong();
    var named = new HashSet<NodeId>();
    configurations.forEach(configuration -> named.addAll(configuration.nodes()));
    absentSince.keySet().retainAll(named);
    var lost = new HashSet<NodeId>();
    for (NodeId node : named) {
      if (nodes.byName(node.value()).isPresent()) {
        absentSince.remove(node);
      } else if (now - absentSince.computeIfAbsent(node, gone -> now) >= absenceNanos) {
        lost.add(node);
      }
    }
    return lost;
  }

  private void complete(ShardId shard, Configuration now, Set<NodeId> lost) {
    List<NodeId> free = substitutes.of(shard, Set.copyOf(now.nodes()));
    var next = new ArrayList<NodeId>();
    int taken = 0;
    for (Member member : now.members()) {
      boolean substituted = lost.contains(member.node()) && taken < free.size();
      next.add(substituted ? free.get(taken++) : member.node());
    }
    while (next.size() < copies && taken < free.size()) {
      next.add(free.get(taken++));
    }
    if (taken == 0) {
      return;
    }
    LOG.log(
        System.Logger.Level.INFO,
        "shard {0}: safekeepers {1} instead of {2}, lost are {3}",
        shard,
        next,
        now.nodes(),
        lost);
    try {
      server.changeLogMembers(shard, next, Deadline.after(nanoClock.getAsLong(), CHANGE_MILLIS));
    } catch (SheafException e) {
      // Other logs may have more luck; this one is looked at again.
      LOG.log(
          System.Logger.Level.WARNING,
          "shard " + shard + ": its safekeepers stay for now: " + e.message());
    }
  }

  /** Safekeepers that logs here need and that are away, lost or not yet. */
  public Set<NodeId> away() {
    return Set.copyOf(absentSince.keySet());
  }

  /** Begins no further change. */
  @Override
  public void close() {
    upkeep.cancel(false);
    looking.close();
  }
}

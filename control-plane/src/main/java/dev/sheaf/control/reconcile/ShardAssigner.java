package dev.sheaf.control.reconcile;

import dev.sheaf.control.leader.Leadership;
import dev.sheaf.control.placement.Move;
import dev.sheaf.control.placement.Observed;
import dev.sheaf.control.placement.Placement;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Carries out what {@link Placement} decides, one compare-and-set for each shard. Every write
 * depends on the leader's fence, on the assignment that the decision replaces and on the reason for
 * it: a page server taken for gone must be gone, a database for which something is written anew
 * must still be wanted. A write that is refused is decided anew by the next pass. Passes come one
 * at a time.
 */
public final class ShardAssigner {
  private static final System.Logger LOG = System.getLogger(ShardAssigner.class.getName());

  private final Coordination coordination;
  private final DatabaseRegistry databases;
  private final NodeRegistry nodes;
  private final ShardMap shards;
  private final Placement placement;
  private final LongSupplier nanoClock;

  private final Sightings<String> nodesSeen = new Sightings<>();
  private final Sightings<ShardId> shardsSeen = new Sightings<>();

  /**
   * @param nanoClock monotonic
   */
  public ShardAssigner(
      Coordination coordination,
      DatabaseRegistry databases,
      NodeRegistry nodes,
      ShardMap shards,
      Placement placement,
      LongSupplier nanoClock) {
    this.coordination = coordination;
    this.databases = databases;
    this.nodes = nodes;
    this.shards = shards;
    this.placement = placement;
    this.nanoClock = nanoClock;
  }

  /** A registered database's root shard and what is known of it. */
  private record Wanted(DatabaseRecord database, ShardFacts facts) {}

  /** Looks at the cluster and makes the moves that are due. */
  public void pass(Leadership leadership) {
    Map<ShardId, Wanted> wanted = wanted();
    for (Wanted each : wanted.values()) {
      if (each.database().state() == DatabaseState.DELETING) {
        doom(each.facts(), leadership);
      }
    }
    for (Move move : placement.decide(observe(wanted))) {
      Wanted each = wanted.get(move.shard());
      if (!leadership.isHeld() || each == null) {
        return;
      }
      try {
        make(move, each, leadership);
      } catch (SheafException e) {
        // Its neighbours may have more luck, and the next pass decides anew.
        LOG.log(
            System.Logger.Level.WARNING,
            "shard " + move.shard() + " is not given to " + move.to() + " yet: " + e.message());
      }
    }
  }

  /** Shards to be owned: those of databases, and what is left of those being deleted. */
  private Map<ShardId, Wanted> wanted() {
    var wanted = new LinkedHashMap<ShardId, Wanted>();
    for (DatabaseRecord database : databases.registered()) {
      ShardId root = database.rootShard();
      boolean isWanted =
          switch (database.state()) {
            case BRANCHING -> false;
            case CREATING, READY -> !database.isBackup();
            case DELETING -> shards.knows(root);
          };
      if (isWanted) {
        wanted.put(root, new Wanted(database, shards.get(root)));
      }
    }
    return wanted;
  }

  private Observed observe(Map<ShardId, Wanted> wanted) {
    long now = nanoClock.getAsLong();
    var pageServers = new ArrayList<Observed.PageServer>();
    var names = new TreeSet<String>();
    for (NodeInfo node : nodes.with(NodeRole.PAGESERVER)) {
      names.add(node.name());
      long since = nodesSeen.since(node.name(), node.incarnation(), now);
      boolean takesWork = node.state() == NodeState.UP;
      pageServers.add(new Observed.PageServer(node.name(), takesWork, node.load(), since));
    }
    nodesSeen.retain(names);
    shardsSeen.retain(wanted.keySet());
    List<Observed.Shard> seen =
        wanted.values().stream()
            .map(each -> {
              ShardFacts facts = each.facts();
              long since = shardsSeen.since(facts.shard(), facts.assignedRevision(), now);
              Optional<String> holder = facts.holder().map(ShardFacts.Holder::node);
              return new Observed.Shard(facts.shard(), facts.assigned(), holder, since);
            })
            .toList();
    return new Observed(now, pageServers, seen);
  }

  /** Tells the page server that owns it to delete what is stored of the shard. */
  private void doom(ShardFacts facts, Leadership leadership) {
    if (facts.doomed() || facts.assigned().isEmpty()) {
      return;
    }
    boolean unused =
        coordination.commit(
            List.of(leadership.fence(), assignedAs(facts)),
            List.of(Change.put(ShardKeys.doomed(facts.shard()), "1")));
  }

  private static Condition assignedAs(ShardFacts facts) {
    return new Condition(ShardKeys.assigned(facts.shard()), facts.assignedRevision());
  }

  private void make(Move move, Wanted wanted, Leadership leadership) {
    var conditions = new ArrayList<Condition>();
    conditions.add(leadership.fence());
    conditions.add(assignedAs(wanted.facts()));
    switch (move.reason()) {
      case NEW -> {
        Optional<Condition> unchanged = databases.unchanged(wanted.database());
        if (unchanged.isEmpty()) {
          return;
        }
        conditions.add(unchanged.get());
      }
      case GONE -> conditions.add(new Condition(NodeInfo.keyOf(move.from().orElseThrow()), 0));
      case DRAINING, STUCK, BALANCE -> {
        // Whatever has become of it meanwhile, the target is as good as before.
      }
    }
    var change = Change.put(ShardKeys.assigned(move.shard()), move.to());
    if (coordination.commit(conditions, List.of(change))) {
      LOG.log(
          System.Logger.Level.INFO,
          "shard {0} goes to {1} ({2})",
          move.shard(),
          move.to(),
          move.reason());
    }
  }
}

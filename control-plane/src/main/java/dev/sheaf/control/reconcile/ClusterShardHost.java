package dev.sheaf.control.reconcile;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import dev.sheaf.rpc.control.ShardHost;
import dev.sheaf.rpc.shard.ShardService;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Shards on the page servers of a cluster. To open and drop them it only waits: the leader's {@link
 * ShardAssigner} sees from the registry what is to be done, the page servers do it. So it serves on
 * every control plane, leader or not. Thread-safe.
 */
public final class ClusterShardHost implements ShardHost {
  private static final long PAUSE_MILLIS = 50;

  private final Coordination coordination;
  private final NodeRegistry nodes;
  private final ShardMap shards;
  private final ShardService owners;
  private final BiConsumer<ShardId, Deadline> deleteObjects;
  private final BiConsumer<ShardId, ShardId> beginAs;
  private final LongSupplier nanoClock;

  /**
   * @param owners the shards, wherever they are
   * @param deleteObjects deletes what is stored under a shard's name
   * @param beginAs lets a second shard begin as a first one, never opened, does
   */
  public ClusterShardHost(
      Coordination coordination,
      NodeRegistry nodes,
      ShardMap shards,
      ShardService owners,
      BiConsumer<ShardId, Deadline> deleteObjects,
      BiConsumer<ShardId, ShardId> beginAs,
      LongSupplier nanoClock) {
    this.coordination = coordination;
    this.nodes = nodes;
    this.shards = shards;
    this.owners = owners;
    this.deleteObjects = deleteObjects;
    this.beginAs = beginAs;
    this.nanoClock = nanoClock;
  }

  @Override
  public Timestamp now(ShardId shard, Deadline deadline) {
    return owners.snapshot(shard, deadline).timestamp();
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    owners.branch(parent, child, at, deadline);
  }

  /** Nobody owns the backup's shard: its first manifest is its only one. */
  @Override
  public void beginAs(ShardId backup, ShardId child, Deadline deadline) {
    beginAs.accept(backup, child);
  }

  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    return owners.check(shard, listener, deadline);
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    return owners.planSweep(shard, deadline);
  }

  /** Waits until a page server answers for the shard; 57P03 at the deadline. */
  @Override
  public void open(ShardId shard, Deadline deadline) {
    try {
      shards.await(now -> now.get(shard).isServed(), deadline);
    } catch (SheafException e) {
      throw e.code() == ErrorCode.CANNOT_CONNECT_NOW ? notOpen(shard, e) : e;
    }
  }

  private SheafException notOpen(ShardId shard, SheafException late) {
    ShardFacts facts = shards.get(shard);
    boolean any = nodes.all().stream().anyMatch(node -> node.isUp(NodeRole.PAGESERVER));
    String why;
    if (facts.assigned().isPresent()) {
      why = "page server " + facts.assigned().get() + " has not opened shard " + shard + " yet";
    } else {
      why = "shard " + shard + (any ? " waits to be given to" : " waits for") + " a page server";
    }
    return new SheafException(ErrorCode.CANNOT_CONNECT_NOW, why, late)
        .withHint("It is tried again by itself; the cluster's status shows the nodes.");
  }

  /** Shards of a cluster close by moving: 0A000. */
  @Override
  public void close(ShardId shard, Deadline deadline) {
    throw new SheafException(
        ErrorCode.FEATURE_NOT_SUPPORTED, "a shard of a cluster is not closed on request");
  }

  /**
   * Waits until nothing of the shard is left; 57P03 at the deadline. Its database must be marked as
   * deleting before, which is what keeps it from being assigned again.
   */
  @Override
  public void drop(ShardId shard, Deadline deadline) {
    try {
      do {
        shards.await(now -> !now.knows(shard), deadline);
      } while (isLeft(shard, deadline));
      // A branch that nobody opened has a first manifest, and no page server that knows of it.
      deleteObjects.accept(shard, deadline);
    } catch (SheafException e) {
      throw e.code() == ErrorCode.CANNOT_CONNECT_NOW
          ? new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "shard " + shard + " is still being deleted by a page server",
              e)
          : e;
    }
  }

  /** The copy may not show yet what was written before the database was marked. */
  private boolean isLeft(ShardId shard, Deadline deadline) {
    if (coordination.list(ShardKeys.prefix(shard)).isEmpty()) {
      return false;
    }
    deadline.check(nanoClock.getAsLong());
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "interrupted while waiting", e);
    }
    return true;
  }
}

package dev.sheaf.control.reconcile;

import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.rpc.cluster.CoalescedTask;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs placement and reconciliation, on the control plane that leads. News of a node, a shard or a
 * database start a pass at once; one each second makes up for whatever did not become news. A
 * database that waits does not hold up placement. Each second too, requests to drain that nobody
 * will answer are removed. Thread-safe.
 */
public final class ClusterController implements AutoCloseable {
  private static final long PERIOD_MILLIS = 1_000;

  private final CoalescedTask assigning;
  private final CoalescedTask reconciling;
  private final CoalescedTask forgetting;
  private final ScheduledFuture<?> upkeep;

  /**
   * Begins at once.
   *
   * @param lifecycle over a {@link ClusterShardHost}
   * @param blocking runs the passes, which wait
   */
  public ClusterController(
      LeaderElection election,
      ShardAssigner assigner,
      DatabaseLifecycle lifecycle,
      NodeDrains drains,
      DatabaseRegistry databases,
      NodeRegistry nodes,
      ShardMap shards,
      Executor blocking,
      ScheduledExecutorService timer) {
    this.assigning =
        new CoalescedTask(
            "placement", () -> election.leadership().ifPresent(assigner::pass), blocking);
    this.reconciling =
        new CoalescedTask(
            "reconciliation",
            () -> election.leadership().ifPresent(leadership -> lifecycle.pass()),
            blocking);
    this.forgetting =
        new CoalescedTask(
            "the look at requests to drain",
            () -> election.leadership().ifPresent(drains::forgetGone),
            blocking);
    nodes.onChange(assigning::nudge);
    shards.onChange(assigning::nudge);
    databases.onChange(this::nudge);
    election.onElected(this::nudge);
    this.upkeep =
        timer.scheduleWithFixedDelay(this::periodic, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void periodic() {
    nudge();
    forgetting.nudge();
  }

  private void nudge() {
    assigning.nudge();
    reconciling.nudge();
  }

  @Override
  public void close() {
    upkeep.cancel(false);
    assigning.close();
    reconciling.close();
    forgetting.close();
  }
}

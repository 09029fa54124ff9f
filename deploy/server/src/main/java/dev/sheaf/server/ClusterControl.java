package dev.sheaf.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.control.placement.Placement;
import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.ClusterController;
import dev.sheaf.control.reconcile.ClusterShardHost;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.reconcile.ShardAssigner;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.pageserver.assign.ShardObjectRemoval;
import dev.sheaf.pageserver.branch.BackupStart;
import dev.sheaf.rpc.shard.ShardService;
import java.time.Duration;
import java.time.InstantSource;

/** One of the control planes of a cluster: serves REST, and leads if it is elected. */
final class ClusterControl {
  private ClusterControl() {}

  static RunningParts.Control start(
      ClusterLinks links,
      String node,
      DatabaseRegistry databases,
      ShardService shards,
      S3ObjectStore objects,
      Duration retention,
      ServerMetrics metrics,
      PartStack parts) {
    var host =
        new ClusterShardHost(
            links.coordination(),
            links.nodes(),
            links.shards(),
            shards,
            new ShardObjectRemoval(objects, System::nanoTime)::deleteAll,
            (backup, child) -> BackupStart.write(objects, backup, child),
            System::nanoTime);
    var lifecycle =
        new DatabaseLifecycle(databases, host, links.threads().blocking(), System::nanoTime);
    var election =
        parts.started(
            "election",
            new LeaderElection(
                links.coordination(),
                node,
                links.lease(),
                links.threads().blocking(),
                links.threads().timer()));
    metrics.gauge(
        "sheaf.leader",
        "1 if this control plane leads",
        () -> election.leadership().isPresent() ? 1 : 0);
    parts.started(
        "upload janitor",
        new UploadJanitor(
            objects::abortUploadsBefore,
            election,
            InstantSource.system(),
            links.threads().blocking(),
            links.threads().timer()));
    var assigner =
        new ShardAssigner(
            links.coordination(),
            databases,
            links.nodes(),
            links.shards(),
            new Placement(Placement.Rules.DEFAULT),
            System::nanoTime);
    var drains = new NodeDrains(links.coordination());
    parts.started(
        "controller",
        new ClusterController(
            election,
            assigner,
            lifecycle,
            drains,
            databases,
            links.nodes(),
            links.shards(),
            links.threads().blocking(),
            links.threads().timer()));
    return new RunningParts.Control(
        lifecycle,
        new Branches(databases, lifecycle, host, retention),
        new ClusterOverview(links.coordination(), databases),
        drains,
        new Inspections(databases, host));
  }
}

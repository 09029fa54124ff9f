package dev.sheaf.server;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.ShardMap;
import java.security.SecureRandom;
import java.util.List;

/**
 * What every process of a cluster has, whatever its parts: etcd, a lease, and watched copies of who
 * is there and who owns what. Thread-safe.
 *
 * @param start until when everything must have started
 */
record ClusterLinks(
    Coordination coordination,
    NodeLease lease,
    NodeRegistry nodes,
    ShardMap shards,
    ServerThreads threads,
    SecureRandom random,
    Deadline start) {

  static ClusterLinks open(SheafConfig config, PartStack parts) {
    var random = new SecureRandom();
    var threads = parts.started("threads", ServerThreads.start());
    var start = Deadline.after(System.nanoTime(), config.startTimeout().toMillis());
    EtcdSettings etcd =
        EtcdSettings.of(config.etcd().endpoints().orElseGet(List::of), config.etcd().namespace());
    var coordination =
        parts.started(
            "etcd", EtcdCoordination.connect(etcd, System::nanoTime, random, threads.blocking()));
    awaitEtcd(coordination, etcd, start);
    var lease =
        parts.started(
            "lease", new NodeLease(coordination, config.leaseTtl().toMillis(), System::nanoTime));
    var nodes = parts.started("nodes", NodeRegistry.watch(coordination, System::nanoTime, start));
    var shards = parts.started("shard map", ShardMap.watch(coordination, System::nanoTime, start));
    return new ClusterLinks(coordination, lease, nodes, shards, threads, random, start);
  }

  /** Processes of a cluster start in any order: etcd may be a moment later. */
  private static void awaitEtcd(Coordination coordination, EtcdSettings etcd, Deadline start) {
    while (true) {
      try {
        var unused = coordination.get("server/hello");
        return;
      } catch (SheafException e) {
        if (e.code() != ErrorCode.IO_ERROR || start.isExpired(System.nanoTime())) {
          throw new StartFailure(
              ExitCode.FAILED,
              "etcd at %s does not answer: %s".formatted(etcd.endpoints(), e.message()),
              e);
        }
      }
    }
  }
}

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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What every process of a cluster has, whatever its parts: etcd, a lease, and watched copies of who
 * is there and who owns what. Thread-safe.
 *
 * @param security of the connections between the processes
 * @param start until when everything must have started
 */
record ClusterLinks(
    Coordination coordination,
    NodeLease lease,
    NodeRegistry nodes,
    ShardMap shards,
    ServerThreads threads,
    SecureRandom random,
    ClusterSecurity security,
    Deadline start) {

  static ClusterLinks open(SheafConfig config, PartStack parts) {
    var security = ClusterSecurity.of(config.rpc());
    var random = new SecureRandom();
    var threads = parts.started("threads", ServerThreads.start());
    var start = Deadline.after(System.nanoTime(), config.startTimeout().toMillis());
    EtcdSettings etcd = settings(config.etcd());
    var coordination =
        parts.started(
            "etcd", EtcdCoordination.connect(etcd, System::nanoTime, random, threads.blocking()));
    awaitEtcd(coordination, etcd, start);
    var lease =
        parts.started(
            "lease", new NodeLease(coordination, config.leaseTtl().toMillis(), System::nanoTime));
    var nodes = parts.started("nodes", NodeRegistry.watch(coordination, System::nanoTime, start));
    var shards = parts.started("shard map", ShardMap.watch(coordination, System::nanoTime, start));
    return new ClusterLinks(coordination, lease, nodes, shards, threads, random, security, start);
  }

  private static EtcdSettings settings(SheafConfig.Etcd config) {
    try {
      EtcdSettings plain =
          EtcdSettings.of(config.endpoints().orElseGet(List::of), config.namespace(), tls(config));
      return config
          .user()
          .map(user -> plain.withLogin(new EtcdSettings.Login(user, config.password().orElse(""))))
          .orElse(plain);
    } catch (SheafException e) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION, "configuration: sheaf.etcd.*: " + e.message(), e);
    }
  }

  private static EtcdSettings.@Nullable Tls tls(SheafConfig.Etcd config) {
    Optional<EtcdSettings.Identity> identity =
        config
            .tlsCertificate()
            .map(certificate ->
                new EtcdSettings.Identity(certificate, config.tlsKey().orElseThrow()));
    return config
        .tlsAuthority()
        .map(authority ->
            new EtcdSettings.Tls(
                authority, config.tlsServerName().orElseThrow(), identity.orElse(null)))
        .orElse(null);
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

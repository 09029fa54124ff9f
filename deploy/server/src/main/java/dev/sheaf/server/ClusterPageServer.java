package dev.sheaf.server;

import dev.sheaf.control.cluster.KnownSafekeepers;
import dev.sheaf.log.NodeId;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.assign.LostSafekeepers;
import dev.sheaf.pageserver.assign.ShardAgent;
import dev.sheaf.pageserver.assign.ShardRemoval;
import dev.sheaf.pageserver.assign.WatchedAssignments;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.LogMembers;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.PageServerPorts;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.shard.ShardService;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One of the page servers of a cluster: owns the shards that placement assigns to it. */
final class ClusterPageServer {
  private final ClusterLinks links;
  private final ObjectStore objects;
  private final Function<ShardId, ShardLog> logs;
  private final PageServer server;
  private final Grants grants;
  private final KnownSafekeepers known;

  private ClusterPageServer(
      ClusterLinks links,
      ObjectStore objects,
      Function<ShardId, ShardLog> logs,
      PageServer server,
      Grants grants,
      KnownSafekeepers known) {
    this.links = links;
    this.objects = objects;
    this.logs = logs;
    this.server = server;
    this.grants = grants;
    this.known = known;
  }

  /**
   * @param exists whether the control plane knows a shard
   * @param scratch an empty folder of this process alone
   * @param copies members of a new log
   */
  static ClusterPageServer start(
      ClusterLinks links,
      String node,
      int copies,
      SegmentReads reads,
      Path scratch,
      Predicate<ShardId> exists,
      DatabaseHistory history,
      MemoryPlan memory,
      ServerMetrics metrics,
      PartStack parts) {
    var safekeepers =
        parts.started("safekeeper links", new SafekeeperLinks(links.nodes(), links.security()));
    var known = new KnownSafekeepers(links.nodes(), copies);
    var members =
        new LogMembers(
            links.coordination(),
            safekeepers,
            shard -> known.choose(shard).stream().map(NodeId::new).toList(),
            System::nanoTime);
    var factory =
        new QuorumLogFactory(
            members,
            safekeepers,
            PageServerRole.logSettings(),
            System::nanoTime,
            links.random()::nextLong,
            links.threads().blocking(),
            links.threads().timer());
    Function<ShardId, ShardLog> logs = shard -> new MeteredShardLog(factory.create(shard), metrics);
    var ports =
        new PageServerPorts(
            links.coordination(),
            reads.objects(),
            new SegmentStore(reads.objects(), reads.segments(), scratch),
            logs,
            exists,
            node,
            System::currentTimeMillis,
            System::nanoTime,
            links.threads().blocking(),
            history,
            new BranchReferences(reads.objects(), history::branches),
            Optional.of(reads.warmUps()));
    PageServerConfig config = PageServerRole.config(memory, links.lease().ttlMillis());
    var server =
        parts.started(
            "page server",
            new PageServer(
                ports,
                config,
                links.lease(),
                new WatchedAssignments(node, links.lease(), links.shards())));
    metrics.watch(server);
    parts.started("upkeep of shards", PageServerRole.upkeep(server, links.threads()));
    var grants = new Grants(links.coordination(), node, links.lease());
    return new ClusterPageServer(links, reads.objects(), logs, server, grants, known);
  }

  ShardService service() {
    return server;
  }

  /** How the shards stand that are open here. */
  List<ShardStatus> shards() {
    return server.statuses();
  }

  /** Why shards that are asked for here are not open, as far as known. */
  Map<ShardId, String> closedShards() {
    return server.closed();
  }

  /** Opens, hands over and removes shards from now on. */
  ShardAgent serve(NodeRegistration self) {
    return new ShardAgent(
        server,
        new ShardRemoval(links.coordination(), objects, logs, grants, System::nanoTime),
        links.shards(),
        links.nodes(),
        self,
        ShardAgent.Limits.DEFAULT,
        links.threads().blocking(),
        links.threads().timer(),
        System::nanoTime);
  }

  /** Replaces safekeepers that stay away from now on. */
  LostSafekeepers replaceLost(int copies, long absenceMillis) {
    return new LostSafekeepers(
        server,
        links.nodes(),
        (shard, members) -> {
          Set<String> names = members.stream().map(NodeId::value).collect(Collectors.toSet());
          return known.substitutes(shard, names).stream().map(NodeId::new).toList();
        },
        copies,
        absenceMillis,
        links.threads().blocking(),
        links.threads().timer(),
        System::nanoTime);
  }
}

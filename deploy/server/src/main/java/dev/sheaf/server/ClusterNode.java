package dev.sheaf.server;

import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.pageserver.assign.LostSafekeepers;
import dev.sheaf.pageserver.assign.ShardAgent;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.control.DatabaseDirectory;
import io.grpc.BindableService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One process of a cluster, with the parts that {@code sheaf.roles} names.
 *
 * <pre>
 * start:  etcd, lease, watched copies, control plane, safekeeper, page server, the port of the
 *         cluster's calls, compute and Flight; then the registration, by which the others find it
 * stop:   the other way round; a page server hands its shards over first
 * </pre>
 *
 * <p>A start that fails stops what had started. Thread-safe after the start.
 */
final class ClusterNode implements RunningParts {
  private final PartStack parts;
  private final NodeRegistry nodes;
  private final DatabaseRegistry databases;
  private final Optional<Control> control;
  private final Optional<Path> imports;
  private final Optional<ClusterPageServer> pageServer;
  private final int copies;
  private final NodeRegistration self;
  private volatile boolean stopping;

  private ClusterNode(
      PartStack parts,
      NodeRegistry nodes,
      DatabaseRegistry databases,
      Optional<Control> control,
      Optional<Path> imports,
      Optional<ClusterPageServer> pageServer,
      int copies,
      NodeRegistration self) {
    this.parts = parts;
    this.nodes = nodes;
    this.databases = databases;
    this.control = control;
    this.imports = imports;
    this.pageServer = pageServer;
    this.copies = copies;
    this.self = self;
  }

  /**
   * @throws StartFailure with the code to exit with
   */
  static ClusterNode start(Launch launch, ServerMetrics metrics) {
    var parts = new PartStack();
    try {
      return start(launch, new ClusterStart(launch, metrics, parts), parts);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static ClusterNode start(Launch launch, ClusterStart start, PartStack parts) {
    Set<NodeRole> roles = launch.config().roles().orElseThrow();
    Optional<Control> control =
        roles.contains(NodeRole.CONTROL) ? Optional.of(start.control()) : Optional.empty();
    var services = new ArrayList<BindableService>();
    if (roles.contains(NodeRole.SAFEKEEPER)) {
      services.add(start.safekeeper());
    }
    boolean owns = roles.contains(NodeRole.PAGESERVER);
    boolean computes = roles.contains(NodeRole.COMPUTE);
    Optional<SegmentReads> reads =
        owns || computes ? Optional.of(start.objects(owns)) : Optional.empty();
    Optional<ClusterPageServer> pageServer = reads.filter(r -> owns).map(start::pageServer);
    pageServer.map(start::endpoint).ifPresent(services::add);
    Optional<Integer> rpc = start.listen(services);
    Optional<Path> imports = computes ? Optional.of(Standalone.imports(launch)) : Optional.empty();
    Optional<FlightRole> flight =
        reads.flatMap(r -> imports.map(folder -> start.compute(r, folder)));
    NodeRegistration self = start.register(roles, rpc, flight);
    pageServer.ifPresent(server -> {
      ShardAgent agent = parts.started("shard agent", server.serve(self));
      LostSafekeepers unused = parts.started("upkeep of logs", start.replaceLost(server));
      // Stops first: while shards move, everything they need is there.
      parts.started("shards", () -> start.handOver(agent));
    });
    return new ClusterNode(
        parts,
        start.links().nodes(),
        start.databases(),
        control,
        imports,
        pageServer,
        launch.config().logCopies(),
        self);
  }

  /** This process's, or else the first compute's. */
  @Override
  public Optional<SqlAddress> address() {
    Optional<String> own = self.self().addresses().flight();
    return own.or(() ->
            nodes.with(NodeRole.COMPUTE).stream()
                .flatMap(compute -> compute.addresses().flight().stream())
                .findFirst())
        .map(SqlAddress::parse);
  }

  @Override
  public List<ShardStatus> shards() {
    return pageServer.map(ClusterPageServer::shards).orElse(List.of());
  }

  @Override
  public Map<ShardId, String> closedShards() {
    return pageServer.map(ClusterPageServer::closedShards).orElse(Map.of());
  }

  @Override
  public Optional<Path> imports() {
    return imports;
  }

  @Override
  public Optional<Control> control() {
    return control;
  }

  @Override
  public DatabaseDirectory directory() {
    return databases;
  }

  /** A cluster's databases are no matter of one process: another one may have the trouble. */
  @Override
  public List<String> obstacles() {
    NodeInfo me = self.self();
    var obstacles = new ArrayList<String>();
    if (stopping) {
      obstacles.add("the server is stopping");
    }
    if (nodes.byName(me.name()).isEmpty()) {
      obstacles.add("the node is not registered: has it lost touch with etcd?");
    }
    if (me.has(NodeRole.COMPUTE) && nodes.with(NodeRole.PAGESERVER).isEmpty()) {
      obstacles.add("there is no page server to get rows from");
    }
    if (me.has(NodeRole.PAGESERVER) && nodes.with(NodeRole.SAFEKEEPER).size() <= copies / 2) {
      obstacles.add(
          "%d safekeepers are there, %d are needed for a write"
              .formatted(nodes.with(NodeRole.SAFEKEEPER).size(), copies / 2 + 1));
    }
    return obstacles;
  }

  @Override
  public void announceStop() {
    stopping = true;
    self.drain();
  }

  @Override
  public void close() {
    stopping = true;
    parts.close();
  }
}

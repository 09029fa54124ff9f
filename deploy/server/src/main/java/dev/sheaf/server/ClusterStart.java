package dev.sheaf.server;

import dev.sheaf.compute.route.RoutePolicy;
import dev.sheaf.compute.route.RoutedShards;
import dev.sheaf.compute.route.WatchedOwners;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.cache.CachedObjects;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.pageserver.assign.LostSafekeepers;
import dev.sheaf.pageserver.assign.ShardAgent;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.grpc.SafekeeperEndpoint;
import dev.sheaf.rpc.shard.grpc.ShardChannel;
import dev.sheaf.rpc.shard.grpc.ShardEndpoint;
import dev.sheaf.rpc.shard.grpc.ShardLimits;
import dev.sheaf.server.edge.SmallRyeGuards;
import io.grpc.BindableService;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts the parts of one process of a cluster. Used once, by one thread. */
final class ClusterStart {
  private static final long STOP_SECONDS = 5;

  private final Launch launch;
  private final SheafConfig config;
  private final ServerMetrics metrics;
  private final PartStack parts;
  private final String node;
  private final ClusterLinks links;
  private final DatabaseRegistry databases;
  private @Nullable RoutedShards routes;

  ClusterStart(Launch launch, ServerMetrics metrics, PartStack parts) {
    this.launch = launch;
    this.config = launch.config();
    this.metrics = metrics;
    this.parts = parts;
    this.node = config.node().orElseThrow();
    parts.started("data folder", launch.data());
    this.links = ClusterLinks.open(config, parts);
    this.databases =
        parts.started(
            "databases",
            new DatabaseRegistry(
                links.coordination(),
                DatabaseRegistry.Serving.ELSEWHERE,
                InstantSource.system(),
                System::nanoTime,
                links.random(),
                config.maxDatabases(),
                links.start()));
    metrics.gauge("sheaf.databases", "Databases registered", () -> databases.all().size());
  }

  ClusterLinks links() {
    return links;
  }

  DatabaseRegistry databases() {
    return databases;
  }

  RunningParts.Control control() {
    S3ObjectStore objects =
        parts.started(
            "object store for upkeep", ClusterObjects.open(config.s3(), false, links.random()));
    return ClusterControl.start(
        links, node, databases, routes(), objects, config.retention(), metrics, parts);
  }

  BindableService safekeeper() {
    var role =
        parts.started(
            "safekeeper",
            SafekeeperRole.startOne(
                node, launch.data(), launch.memory(), links.threads(), links.random(), metrics));
    return new SafekeeperEndpoint(new MeteredSafekeeper(role.only(), metrics), System::nanoTime);
  }

  /**
   * The object store and what is between it and us.
   *
   * @param writes whether this process writes objects
   */
  SegmentReads objects(boolean writes) {
    S3ObjectStore objects =
        parts.started("object store", ClusterObjects.open(config.s3(), writes, links.random()));
    metrics.watch(objects);
    ObjectStore metered = new MeteredObjects(objects, metrics);
    ObjectStore near =
        SegmentReads.disk(
                config,
                config.diskCache().dir().orElse(launch.data().cache()).resolve(node),
                launch.memory(),
                links.threads(),
                metrics)
            .<ObjectStore>map(disk -> new CachedObjects(metered, parts.started("disk cache", disk)))
            .orElse(metered);
    var reads = SegmentReads.remote(near, launch.memory(), links.threads(), metrics);
    parts.started(
        "warm-up", WarmStart.begin(launch.data().cache(), node, reads.warmUps(), links.threads()));
    return reads;
  }

  ClusterPageServer pageServer(SegmentReads reads) {
    return ClusterPageServer.start(
        links,
        node,
        config.logCopies(),
        reads,
        launch.data().emptyScratch(),
        shard -> databases.exists(shard.database()),
        new DatabaseHistory(databases, System::currentTimeMillis, config.retention()),
        launch.memory(),
        metrics,
        parts);
  }

  LostSafekeepers replaceLost(ClusterPageServer pageServer) {
    return pageServer.replaceLost(config.logCopies(), config.safekeeperAbsence().toMillis());
  }

  BindableService endpoint(ClusterPageServer pageServer) {
    return new ShardEndpoint(
        new MeteredShards(pageServer.service(), metrics),
        ShardLimits.DEFAULT,
        links.threads().blocking(),
        System::nanoTime);
  }

  /** The shards wherever they are, for the parts of this process that need them. */
  private RoutedShards routes() {
    RoutedShards known = routes;
    if (known == null) {
      known =
          parts.started(
              "routes",
              new RoutedShards(
                  new WatchedOwners(links.shards(), links.nodes()),
                  target ->
                      ShardChannel.to(
                          target.address(),
                          node,
                          links.threads().timer(),
                          System::nanoTime,
                          links.security()::secure),
                  SmallRyeGuards.DEFAULT.watchedBy(metrics::breaker),
                  RoutePolicy.DEFAULT,
                  TimeSource.SYSTEM,
                  links.random()));
      routes = known;
    }
    return known;
  }

  /** The Flight SQL port over shards wherever they are. */
  FlightRole compute(SegmentReads reads, Path imports) {
    var compute =
        parts.started(
            "compute",
            ComputeRole.start(
                config,
                imports,
                Standalone.spill(launch),
                databases,
                routes(),
                reads.segments(),
                launch.memory(),
                links.threads(),
                links.random()));
    metrics.watch(compute);
    var flight =
        parts.started(
            "Flight SQL",
            FlightRole.start(
                new MeteredSql(compute.sql(), metrics),
                config.flight(),
                launch.memory(),
                links.threads(),
                links.random()));
    metrics.gauge("sheaf.sessions", "Clients' sessions", flight::sessions);
    metrics.gaugeBytes("sheaf.arrow.used", flight::arrowBytes);
    return flight;
  }

  /** Gives the shards to other page servers, if there are any; the rest of the stop has as long. */
  void handOver(ShardAgent agent) {
    long millis = config.shutdownTimeout().toMillis() / 2;
    boolean unused = agent.drain(Deadline.after(System.nanoTime(), millis));
  }

  /** Listens for the other processes; empty if this one has nothing for them. */
  Optional<Integer> listen(List<BindableService> services) {
    if (services.isEmpty()) {
      return Optional.empty();
    }
    var address = new InetSocketAddress(config.rpc().host(), config.rpc().port());
    var builder = links.security().secure(ClusterTransport.server(address, Runnable::run));
    services.forEach(builder::addService);
    try {
      Server server = builder.build().start();
      parts.started("cluster port", () -> stop(server, services));
      return Optional.of(server.getPort());
    } catch (IOException e) {
      throw PortCheck.taken("sheaf.rpc", config.rpc().host(), config.rpc().port(), e);
    }
  }

  private static void stop(Server server, List<BindableService> services)
      throws InterruptedException {
    server.shutdown();
    for (BindableService service : services) {
      if (service instanceof SafekeeperEndpoint endpoint) {
        endpoint.close();
      }
    }
    if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      server.shutdownNow();
    }
  }

  NodeRegistration register(
      Set<NodeRole> roles, Optional<Integer> rpc, Optional<FlightRole> flight) {
    String host = config.rpc().advertisedHost().orElse(config.rpc().host());
    var addresses =
        new NodeInfo.Addresses(
            rpc.map(port -> host + ":" + port),
            Optional.of(host + ":" + config.http().port()),
            flight.map(FlightRole::address).map(SqlAddress::text));
    return parts.started(
        "registration",
        NodeRegistration.register(
            links.coordination(),
            links.lease(),
            NodeInfo.of(node, roles, addresses),
            System::currentTimeMillis,
            links.threads().blocking(),
            links.threads().timer(),
            links.start()));
  }
}

package dev.sheaf.server;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.objectstore.LocalObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * All roles in one process.
 *
 * <pre>
 * start:  coordination, objects, safekeepers, control (registry), page server, control (open the
 *         databases), compute, Flight
 * stop:   the other way round: no new calls, sessions end, shards are flushed, journals closed
 * </pre>
 *
 * <p>A start that fails stops what had started. Thread-safe after the start.
 */
final class Standalone implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Standalone.class.getName());

  /** What has started, in the order in which it must stop. */
  private final Deque<Part> parts = new ArrayDeque<>();

  private final SqlAddress address;
  private final Path imports;
  private final DatabaseLifecycle lifecycle;
  private final DatabaseDirectory directory;
  private final ClusterOverview overview;
  private final NodeDrains drains;
  private volatile boolean stopping;

  private record Part(String name, AutoCloseable role) {}

  private Standalone(Launch launch, ServerMetrics metrics) {
    try {
      SheafConfig config = launch.config();
      DataFolder data = launch.data();
      MemoryPlan memory = launch.memory();
      started("data folder", data);
      var random = new SecureRandom();
      var threads = started("threads", ServerThreads.start());
      var coordination =
          started(
              "coordination",
              EmbeddedCoordination.open(data.coordination(), System::nanoTime, threads.blocking()));
      var objects = started("object store", new LocalObjectStore(data.objects()));
      var safekeepers =
          started(
              "safekeepers",
              SafekeeperRole.start(
                  config.safekeepers(), data, coordination, memory, threads, random));
      var control =
          started(
              "control plane",
              ControlRole.start(coordination, config.maxDatabases(), threads, random));
      this.directory = control.registry();
      this.overview = new ClusterOverview(coordination, control.registry());
      this.drains = new NodeDrains(coordination);
      var cache = new BlockCache(memory.blockCacheBytes());
      metrics.watch(cache);
      var pageServer =
          started(
              "page server",
              PageServerRole.start(
                  coordination,
                  objects,
                  safekeepers,
                  cache,
                  data.emptyScratch(),
                  shard -> control.registry().exists(shard.database()),
                  memory,
                  threads,
                  random,
                  metrics));
      this.lifecycle = control.serve(pageServer.host());
      this.imports = createdFolder(config.importDir().orElse(data.imports()));
      var compute =
          started(
              "compute",
              ComputeRole.start(
                  config,
                  imports,
                  directory,
                  new MeteredShards(pageServer.service(), metrics),
                  objects,
                  cache,
                  memory,
                  threads,
                  random));
      var flight =
          started(
              "Flight SQL",
              FlightRole.start(compute.sql(), config.flight(), memory, threads, random));
      this.address = flight.address();
      metrics.gauge("sheaf.databases", "Databases registered", () -> directory.all().size());
      metrics.gauge("sheaf.sessions", "Clients' sessions", flight::sessions);
      metrics.gaugeBytes("sheaf.arrow.used", flight::arrowBytes);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * @throws StartFailure with the code to exit with
   * @throws SheafException when a role cannot start
   */
  static Standalone start(Launch launch, ServerMetrics metrics) {
    return new Standalone(launch, metrics);
  }

  private <T extends AutoCloseable> T started(String name, T role) {
    parts.push(new Part(name, role));
    LOG.log(System.Logger.Level.INFO, "started: {0}", name);
    return role;
  }

  private static Path createdFolder(Path folder) {
    try {
      return Files.createDirectories(folder.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new SheafException(
          ErrorCode.IO_ERROR, "the import folder cannot be created: " + folder, e);
    }
  }

  SqlAddress address() {
    return address;
  }

  Path imports() {
    return imports;
  }

  DatabaseLifecycle lifecycle() {
    return lifecycle;
  }

  ClusterOverview overview() {
    return overview;
  }

  NodeDrains drains() {
    return drains;
  }

  DatabaseDirectory directory() {
    return directory;
  }

  /** Why the server should get no requests now; empty = it should. */
  List<String> obstacles() {
    var obstacles = new ArrayList<String>();
    if (stopping) {
      obstacles.add("the server is stopping");
    }
    lifecycle
        .waiting()
        .forEach(status ->
            obstacles.add(
                "database %s is not served yet%s"
                    .formatted(
                        status.database().name(),
                        status.operations().stream()
                            .flatMap(operation -> operation.error().stream())
                            .findFirst()
                            .map(error -> ": " + error)
                            .orElse(""))));
    return obstacles;
  }

  /** From now on not ready: load balancers go elsewhere while calls under way end. */
  void announceStop() {
    stopping = true;
  }

  /** Stops everything, whatever fails on the way. Idempotent. */
  @Override
  public void close() {
    stopping = true;
    while (true) {
      Part part;
      synchronized (parts) {
        part = parts.poll();
      }
      if (part == null) {
        return;
      }
      try {
        part.role().close();
        LOG.log(System.Logger.Level.INFO, "stopped: {0}", part.name());
      } catch (Exception e) {
        LOG.log(System.Logger.Level.ERROR, "cannot stop cleanly: " + part.name(), e);
      }
    }
  }
}

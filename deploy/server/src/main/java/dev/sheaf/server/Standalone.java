package dev.sheaf.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.objectstore.LocalObjectStore;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
final class Standalone implements RunningParts {
  private final PartStack parts = new PartStack();
  private final SqlAddress address;
  private final Path imports;
  private final Control control;
  private final DatabaseDirectory directory;
  private final PageServerRole pageServer;
  private volatile boolean stopping;

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
      var objects =
          started(
              "object store", new MeteredObjects(new LocalObjectStore(data.objects()), metrics));
      var safekeepers =
          started(
              "safekeepers",
              SafekeeperRole.start(
                  config.safekeepers(), data, coordination, memory, threads, random, metrics));
      var controlPlane =
          started(
              "control plane",
              ControlRole.start(coordination, config.maxDatabases(), threads, random));
      this.directory = controlPlane.registry();
      var reads = SegmentReads.local(objects, memory, threads, metrics);
      started("warm-up", WarmStart.begin(data.cache(), "hot", reads.warmUps(), threads));
      this.pageServer =
          started(
              "page server",
              PageServerRole.start(
                  coordination,
                  reads,
                  safekeepers,
                  data.emptyScratch(),
                  shard -> controlPlane.registry().exists(shard.database()),
                  new DatabaseHistory(
                      controlPlane.registry(), System::currentTimeMillis, config.retention()),
                  memory,
                  threads,
                  random,
                  metrics));
      DatabaseLifecycle lifecycle = controlPlane.serve(pageServer.host());
      this.control =
          new Control(
              lifecycle,
              new Branches(
                  controlPlane.registry(), lifecycle, pageServer.host(), config.retention()),
              new ClusterOverview(coordination, controlPlane.registry()),
              new NodeDrains(coordination),
              new Inspections(controlPlane.registry(), pageServer.host()));
      this.imports = imports(launch);
      var compute =
          started(
              "compute",
              ComputeRole.start(
                  config,
                  imports,
                  spill(launch),
                  directory,
                  new MeteredShards(pageServer.service(), metrics),
                  reads.segments(),
                  memory,
                  threads,
                  random));
      metrics.watch(compute);
      var flight =
          started(
              "Flight SQL",
              FlightRole.start(
                  new MeteredSql(compute.sql(), metrics),
                  config.flight(),
                  memory,
                  threads,
                  random));
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
    return parts.started(name, role);
  }

  /** The folder of COPY, created if it is absent. */
  static Path spill(Launch launch) {
    return launch.config().query().spillDir().orElse(launch.data().spill());
  }

  static Path imports(Launch launch) {
    return createdFolder(launch.config().importDir().orElse(launch.data().imports()));
  }

  private static Path createdFolder(Path folder) {
    try {
      return Files.createDirectories(folder.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new SheafException(
          ErrorCode.IO_ERROR, "the import folder cannot be created: " + folder, e);
    }
  }

  @Override
  public Optional<SqlAddress> address() {
    return Optional.of(address);
  }

  @Override
  public Optional<Path> imports() {
    return Optional.of(imports);
  }

  @Override
  public Optional<Control> control() {
    return Optional.of(control);
  }

  @Override
  public DatabaseDirectory directory() {
    return directory;
  }

  @Override
  public List<ShardStatus> shards() {
    return pageServer.shards();
  }

  @Override
  public Map<ShardId, String> closedShards() {
    return pageServer.closedShards();
  }

  @Override
  public List<String> obstacles() {
    var obstacles = new ArrayList<String>();
    if (stopping) {
      obstacles.add("the server is stopping");
    }
    control
        .lifecycle()
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

  @Override
  public void announceStop() {
    stopping = true;
  }

  @Override
  public void close() {
    stopping = true;
    parts.close();
  }
}

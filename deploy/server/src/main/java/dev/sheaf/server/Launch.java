package dev.sheaf.server;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeRole;
import io.quarkus.runtime.configuration.MemorySize;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What must be right before anything runs: the settings, the plan of the memory, the data folder.
 * Prepared by {@code main} and handed through the framework to {@link ServerBeans}.
 */
record Launch(SheafConfig config, MemoryPlan memory, DataFolder data) {
  /** The framework makes its beans itself, so what main prepared waits here for them. */
  private static final AtomicReference<@Nullable Launch> PREPARED = new AtomicReference<>();

  /**
   * Takes the data folder before it looks at the ports: a second start on the same folder should
   * learn who holds it, not that a port is taken.
   *
   * @throws StartFailure with the code to exit with
   */
  static Launch prepare(SheafConfig config) {
    MemoryPlan memory = plan(config);
    List<String> holder = List.of(whoWeAre());
    DataFolder data =
        config.ephemeral() ? DataFolder.temporary(holder) : DataFolder.open(config.data(), holder);
    try {
      PortCheck.checkFree("sheaf.http", config.http().host(), config.http().port());
      if (config.roles().map(roles -> roles.contains(NodeRole.COMPUTE)).orElse(true)) {
        PortCheck.checkFree("sheaf.flight", config.flight().host(), config.flight().port());
      }
    } catch (StartFailure e) {
      data.close();
      throw e;
    }
    return new Launch(config, memory, data);
  }

  void handOver() {
    PREPARED.set(this);
  }

  /** What main prepared; without a main, as in tests, it is prepared now. */
  static Launch take(SheafConfig config) {
    Launch prepared = PREPARED.getAndSet(null);
    return prepared != null ? prepared : prepare(config);
  }

  private static MemoryPlan plan(SheafConfig config) {
    try {
      return MemoryPlan.of(
          Runtime.getRuntime().maxMemory(),
          config.safekeepers(),
          new MemoryPlan.Wishes(
              bytes(config.memory()), bytes(config.query().memory()), bytes(config.flushSize())));
    } catch (SheafException e) {
      throw new StartFailure(ExitCode.BAD_CONFIGURATION, "configuration: " + e.message(), e);
    }
  }

  private static long bytes(Optional<MemorySize> size) {
    return size.map(MemorySize::asLongValue).orElse(-1L);
  }

  /** Process, start and host, in words. */
  static String whoWeAre() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "this host";
    }
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    return "process %d on %s, started %s"
        .formatted(ProcessHandle.current().pid(), host, started.truncatedTo(ChronoUnit.SECONDS));
  }
}

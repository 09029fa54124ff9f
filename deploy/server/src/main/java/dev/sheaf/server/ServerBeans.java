package dev.sheaf.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.server.SqlAddresses;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Where the framework and the roles meet: starts them before HTTP listens, stops them at the end,
 * and gives REST, health and metrics what they show.
 */
@Singleton
public final class ServerBeans {
  private final SheafConfig config;
  private final MeterRegistry meters;
  private volatile @Nullable Launch launch;
  private volatile @Nullable RunningParts parts;

  public ServerBeans(SheafConfig config, MeterRegistry meters) {
    this.config = config;
    this.meters = meters;
  }

  void start(@Observes StartupEvent event) {
    Launch taken = Launch.take(config);
    launch = taken;
    ServerMetrics metrics = new ServerMetrics(meters);
    parts =
        taken.config().roles().isPresent()
            ? ClusterNode.start(taken, metrics)
            : Standalone.start(taken, metrics);
  }

  void stop(@Observes ShutdownEvent event) {
    RunningParts running = parts;
    if (running != null) {
      running.close();
    }
  }

  RunningParts parts() {
    RunningParts running = parts;
    if (running == null) {
      throw new IllegalStateException("the roles have not started");
    }
    return running;
  }

  Launch launch() {
    Launch taken = launch;
    if (taken == null) {
      throw new IllegalStateException("the roles have not started");
    }
    return taken;
  }

  boolean isStarted() {
    return parts != null;
  }

  /** What REST works on; 57P03 where another process of the cluster is the control plane. */
  private RunningParts.Control control() {
    return parts()
        .control()
        .orElseThrow(() ->
            new SheafException(ErrorCode.CANNOT_CONNECT_NOW, "this process is no control plane")
                .withHint("Ask one: its sheaf.roles name control."));
  }

  @Produces
  @Singleton
  DatabaseLifecycle lifecycle() {
    return control().lifecycle();
  }

  @Produces
  @Singleton
  Branches branches() {
    return control().branches();
  }

  @Produces
  @Singleton
  ClusterOverview overview() {
    return control().overview();
  }

  @Produces
  @Singleton
  NodeDrains drains() {
    return control().drains();
  }

  @Produces
  @Singleton
  Inspections inspections() {
    return control().inspections();
  }

  @Produces
  @Singleton
  SqlAddresses addresses() {
    return () -> parts().address();
  }
}

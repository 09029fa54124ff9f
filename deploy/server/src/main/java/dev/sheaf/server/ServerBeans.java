package dev.sheaf.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.server.SqlAddress;
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
  private volatile @Nullable Standalone standalone;

  public ServerBeans(SheafConfig config, MeterRegistry meters) {
    this.config = config;
    this.meters = meters;
  }

  void start(@Observes StartupEvent event) {
    Launch taken = Launch.take(config);
    launch = taken;
    standalone = Standalone.start(taken, new ServerMetrics(meters));
  }

  void stop(@Observes ShutdownEvent event) {
    Standalone running = standalone;
    if (running != null) {
      running.close();
    }
  }

  Standalone standalone() {
    Standalone running = standalone;
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
    return standalone != null;
  }

  @Produces
  @Singleton
  DatabaseLifecycle lifecycle() {
    return standalone().lifecycle();
  }

  @Produces
  @Singleton
  ClusterOverview overview() {
    return standalone().overview();
  }

  @Produces
  @Singleton
  NodeDrains drains() {
    return standalone().drains();
  }

  @Produces
  @Singleton
  SqlAddress address() {
    return standalone().address();
  }
}

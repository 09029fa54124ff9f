package dev.sheaf.server;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * {@code /q/health/started}: the roles have started. {@code live}: the process answers; one that
 * cannot write its log ends by itself. {@code ready}: no stop was asked for, and every database is
 * served, so its safekeepers take writes; of a cluster's process: it is registered, and what its
 * roles cannot do without is there.
 */
@Singleton
public final class HealthChecks {
  private static final int SHOWN_OBSTACLES = 10;

  private final ServerBeans beans;

  public HealthChecks(ServerBeans beans) {
    this.beans = beans;
  }

  @Produces
  @Singleton
  @Startup
  HealthCheck started() {
    return () -> HealthCheckResponse.named("roles").status(beans.isStarted()).build();
  }

  @Produces
  @Singleton
  @Liveness
  HealthCheck live() {
    return () -> HealthCheckResponse.named("process").up().build();
  }

  @Produces
  @Singleton
  @Readiness
  HealthCheck ready() {
    return () -> {
      RunningParts parts = beans.parts();
      List<String> obstacles = parts.obstacles();
      HealthCheckResponseBuilder response =
          HealthCheckResponse.named("databases")
              .status(obstacles.isEmpty())
              .withData("databases", parts.directory().all().size())
              .withData("shards open here", parts.shards().size());
      for (int i = 0; i < Math.min(obstacles.size(), SHOWN_OBSTACLES); i++) {
        response.withData("obstacle " + (i + 1), obstacles.get(i));
      }
      return response.build();
    };
  }
}

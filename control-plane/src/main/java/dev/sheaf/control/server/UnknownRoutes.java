package dev.sheaf.control.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;

/** Paths that nothing answers get a {@link Problem}, too. */
@Singleton
public final class UnknownRoutes {
  private final ObjectMapper json;

  public UnknownRoutes(ObjectMapper json) {
    this.json = json;
  }

  void install(@Observes Router router) {
    router.route().last().handler(this::answer);
  }

  private void answer(RoutingContext request) {
    String id = UUID.randomUUID().toString();
    Problem problem =
        Problem.ofHttp(
                HttpStatus.NOT_FOUND,
                "not_found",
                "there is nothing at this path",
                "/q/openapi lists what there is.")
            .forRequest(id);
    try {
      request
          .response()
          .setStatusCode(problem.status())
          .putHeader("Content-Type", Problem.MEDIA_TYPE)
          .putHeader(ProblemMapper.REQUEST_ID_HEADER, id)
          .end(json.writeValueAsString(problem));
    } catch (JsonProcessingException e) {
      request.fail(e);
    }
  }
}

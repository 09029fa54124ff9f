package dev.sheaf.control.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;

/**
 * What is answered before and after the REST routes: bodies that announce themselves as too large,
 * and paths that nothing answers. Both get a {@link Problem}, too.
 */
@Singleton
public final class HttpEdge {
  private final ObjectMapper json;

  public HttpEdge(ObjectMapper json) {
    this.json = json;
  }

  void install(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).handler(this::checkLength);
    router.route().last().handler(this::answerUnknown);
  }

  private void checkLength(RoutingContext request) {
    if (announcedBytes(request) <= JsonBody.MAX_BYTES) {
      request.next();
      return;
    }
    // The body is not read, so nothing after it on an HTTP/1 connection can be, either.
    if (request.request().version() != HttpVersion.HTTP_2) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    answer(
        request,
        Problem.ofHttp(
            HttpStatus.PAYLOAD_TOO_LARGE,
            "body_too_large",
            "the body is longer than " + JsonBody.MAX_BYTES + " bytes",
            null));
  }

  /** HTTP itself refuses lengths that are no numbers. */
  private static long announcedBytes(RoutingContext request) {
    String length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void answerUnknown(RoutingContext request) {
    answer(
        request,
        Problem.ofHttp(
            HttpStatus.NOT_FOUND,
            "not_found",
            "there is nothing at this path",
            "/q/openapi lists what there is."));
  }

  private void answer(RoutingContext request, Problem problem) {
    String id = UUID.randomUUID().toString();
    try {
      String body = json.writeValueAsString(problem.forRequest(id));
      request
          .response()
          .setStatusCode(problem.status())
          .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
          .putHeader(ProblemMapper.REQUEST_ID_HEADER, id)
          .end(body);
    } catch (JsonProcessingException e) {
      request.fail(e);
    }
  }
}

package dev.sheaf.control.server;

import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Turns whatever a request ends in into a {@link Problem}, and numbers requests. */
public final class ProblemMapper {
  private static final System.Logger LOG = System.getLogger(ProblemMapper.class.getName());
  private static final String REQUEST_ID = "sheaf.request-id";
  static final String REQUEST_ID_HEADER = "X-Request-Id";

  @ServerRequestFilter(preMatching = true)
  public void number(ContainerRequestContext request) {
    request.setProperty(REQUEST_ID, UUID.randomUUID().toString());
  }

  @ServerResponseFilter
  public void show(ContainerRequestContext request, ContainerResponseContext response) {
    response.getHeaders().putSingle(REQUEST_ID_HEADER, idOf(request));
  }

  @ServerExceptionMapper
  public Response known(SheafException error, ContainerRequestContext request) {
    ErrorKind kind = error.code().kind();
    if (kind == ErrorKind.INTERNAL || kind == ErrorKind.CORRUPTION) {
      log(error, request);
    }
    return response(Problem.of(error), request);
  }

  @ServerExceptionMapper
  Response ofHttp(ProblemException error, ContainerRequestContext request) {
    return response(error.problem(), request);
  }

  @ServerExceptionMapper
  public Response http(WebApplicationException error, ContainerRequestContext request) {
    Response answer = error.getResponse();
    Response.StatusType status = answer.getStatusInfo();
    String name = status.getReasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
    Problem problem = Problem.ofHttp(status.getStatusCode(), name, status.getReasonPhrase(), null);
    return Response.fromResponse(answer)
        .type(Problem.MEDIA_TYPE)
        .entity(problem.forRequest(idOf(request)))
        .build();
  }

  @ServerExceptionMapper
  public Response unknown(Throwable error, ContainerRequestContext request) {
    log(error, request);
    return response(
        Problem.ofHttp(
            HttpStatus.INTERNAL_ERROR,
            "internal_error",
            "an internal error",
            "The server's log has more under this request's id."),
        request);
  }

  private static void log(Throwable error, ContainerRequestContext request) {
    LOG.log(System.Logger.Level.ERROR, "request " + idOf(request) + " failed", error);
  }

  private static Response response(Problem problem, ContainerRequestContext request) {
    return Response.status(problem.status())
        .type(Problem.MEDIA_TYPE)
        .entity(problem.forRequest(idOf(request)))
        .build();
  }

  private static String idOf(ContainerRequestContext request) {
    return request.getProperty(REQUEST_ID) instanceof String id ? id : "none";
  }
}

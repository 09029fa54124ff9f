package dev.sheaf.control.server;

import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.reconcile.DatabaseLifecycle.Creation;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.reconcile.Operation;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.IdempotencyKey;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/v2/databases}: create, list, look at, change, restore and delete databases. */
@Path("/api/v2/databases")
@Produces(MediaType.APPLICATION_JSON)
public final class DatabasesResource {
  private static final long TIMEOUT_MILLIS = 30_000;
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 100;
  private static final int CREATED = 201;
  private static final int OK = 200;
  private static final int ACCEPTED = 202;

  private final DatabaseLifecycle databases;
  private final Branches branches;
  private final DatabaseViews view;

  public DatabasesResource(DatabaseLifecycle databases, Branches branches, SqlAddresses addresses) {
    this.databases = databases;
    this.branches = branches;
    this.view = new DatabaseViews(databases, branches, addresses);
  }

  /** Returns when the database can be connected to. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response create(
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
      InputStream in)
      throws IOException {
    JsonBody body = JsonBody.read(contentType, in, Set.of("name"));
    DatabaseName name = DatabaseName.ofDatabase(body.requiredString("name"));
    if (name.isBranch()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "'" + name + "' would be a branch")
          .withHint("POST to the branches of the database that it is to branch off.");
    }
    Optional<IdempotencyKey> idempotency =
        Optional.ofNullable(idempotencyKey).map(key -> IdempotencyKey.of(key, body.bytes()));
    return switch (databases.create(name, idempotency, deadline())) {
      case Creation.Created created ->
          Response.status(CREATED)
              .header(HttpHeaders.LOCATION, "/api/v2/databases/" + name)
              .entity(view.of(created.status()))
              .build();
      case Creation.KeyReused reused ->
          throw Problem.ofHttp(
                  HttpStatus.UNPROCESSABLE,
                  "idempotency_key_reused",
                  "this Idempotency-Key came with another body before",
                  "Use a new key for a new request.")
              .asException();
    };
  }

  @GET
  public DatabaseView.Page list(@Context UriInfo uri) {
    MultivaluedMap<String, String> query = pageParameters(uri);
    DatabasePage page = databases.list(single(query, "cursor"), limit(single(query, "limit")));
    return new DatabaseView.Page(
        page.databases().stream().map(database -> view.of(databases.status(database))).toList(),
        page.cursor().orElse(null));
  }

  /** The parameters of a list; 22023 if there are others. */
  static MultivaluedMap<String, String> pageParameters(UriInfo uri) {
    MultivaluedMap<String, String> query = uri.getQueryParameters();
    for (String parameter : query.keySet()) {
      if (!Set.of("limit", "cursor").contains(parameter)) {
        throw badParameter("there is a query parameter that is not known here");
      }
    }
    return query;
  }

  @GET
  @Path("/{name}")
  public DatabaseView get(@PathParam("name") String name) {
    return view.of(databases.get(DatabaseName.ofDatabase(name)));
  }

  /** 202 when deleting what was stored takes longer: it goes on. */
  @DELETE
  @Path("/{name}")
  public Response delete(@PathParam("name") String name) {
    DatabaseStatus status = databases.delete(DatabaseName.ofDatabase(name), deadline());
    boolean finished = isFinished(status);
    return Response.status(finished ? OK : ACCEPTED)
        .entity(finished ? view.deleted(status) : view.of(status))
        .build();
  }

  static boolean isFinished(DatabaseStatus status) {
    return status.operations().stream()
        .allMatch(operation -> operation.status() == Operation.Status.FINISHED);
  }

  /** Changes how much of the past is kept. */
  @PATCH
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  public DatabaseView change(
      @PathParam("name") String name,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
      InputStream in)
      throws IOException {
    JsonBody body = JsonBody.read(contentType, in, Set.of("past_kept"));
    return view.of(
        branches.keep(
            DatabaseName.ofDatabase(name), body.requiredDuration("past_kept"), deadline()));
  }

  /** 202 when it takes longer: it goes on. */
  @POST
  @Path("/{name}/restore")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response restore(
      @PathParam("name") String name,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
      InputStream in)
      throws IOException {
    JsonBody body = JsonBody.read(contentType, in, Set.of("at", "backup", "keep_as"));
    DatabaseName database = DatabaseName.ofDatabase(name);
    Optional<String> keepAs = body.string("keep_as");
    Optional<String> backup = body.oneOf("backup", "at");
    return replaced(
        backup.isPresent()
            ? branches.restore(database, backup.get(), keepAs, deadline())
            : branches.restore(database, body.requiredInstant("at"), keepAs, deadline()));
  }

  /** 202 when it takes longer: it goes on. */
  @POST
  @Path("/{name}/reset")
  public Response reset(@PathParam("name") String name) {
    return replaced(branches.reset(DatabaseName.ofDatabase(name), deadline()));
  }

  private Response replaced(DatabaseStatus status) {
    boolean finished = status.database().state() == DatabaseState.READY;
    return Response.status(finished ? OK : ACCEPTED).entity(view.of(status)).build();
  }

  static Deadline deadline() {
    return Deadline.after(System.nanoTime(), TIMEOUT_MILLIS);
  }

  static Optional<String> single(MultivaluedMap<String, String> query, String name) {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw badParameter("query parameter '" + name + "' is given twice");
    }
    return values.stream().findFirst();
  }

  static int limit(Optional<String> text) {
    if (text.isEmpty()) {
      return DEFAULT_LIMIT;
    }
    try {
      long limit = Long.parseLong(text.get());
      if (limit >= 1) {
        return (int) Math.min(limit, MAX_LIMIT);
      }
    } catch (NumberFormatException e) {
      throw badLimit(e);
    }
    throw badLimit(null);
  }

  private static SheafException badLimit(@Nullable Throwable cause) {
    return new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE, "limit is not a whole number above 0", cause)
        .withHint("More than " + MAX_LIMIT + " entries are never given at once.");
  }

  private static SheafException badParameter(String detail) {
    return new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, detail)
        .withHint("Query parameters: limit, cursor.");
  }
}

package dev.sheaf.control.server;

import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.protocol.Deadline;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/v2/databases/{name}/branches}: make and list the branches of a database. A branch is
 * a database, and shown, changed and deleted as one.
 */
@Path("/api/v2/databases/{name}/branches")
@Produces(MediaType.APPLICATION_JSON)
public final class BranchesResource {
  private static final int CREATED = 201;

  private final DatabaseLifecycle databases;
  private final Branches branches;
  private final DatabaseViews view;

  public BranchesResource(DatabaseLifecycle databases, Branches branches, SqlAddresses addresses) {
    this.databases = databases;
    this.branches = branches;
    this.view = new DatabaseViews(databases, branches, addresses);
  }

  /** Returns when the branch can be connected to. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response create(
      @PathParam("name") String name,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
      InputStream in)
      throws IOException {
    JsonBody body = JsonBody.read(contentType, in, Set.of("name", "at", "backup"));
    DatabaseName parent = DatabaseName.ofDatabase(name);
    String branch = body.requiredString("name");
    Optional<String> backup = body.oneOf("backup", "at");
    Deadline deadline = DatabasesResource.deadline();
    DatabaseStatus made =
        backup.isPresent()
            ? branches.createFrom(parent, branch, backup.get(), deadline)
            : branches.create(parent, branch, body.instant("at"), deadline);
    return Response.status(CREATED)
        .header(HttpHeaders.LOCATION, "/api/v2/databases/" + made.database().name())
        .entity(view.of(made))
        .build();
  }

  @GET
  public DatabaseView.Page list(@PathParam("name") String name, @Context UriInfo uri) {
    MultivaluedMap<String, String> query = DatabasesResource.pageParameters(uri);
    DatabasePage page =
        branches.list(
            DatabaseName.ofDatabase(name),
            DatabasesResource.single(query, "cursor"),
            DatabasesResource.limit(DatabasesResource.single(query, "limit")));
    return new DatabaseView.Page(
        page.databases().stream().map(database -> view.of(databases.status(database))).toList(),
        page.cursor().orElse(null));
  }
}

package dev.sheaf.control.server;

import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/v2/databases/{name}/backups}: take, list, look at and delete backups. */
@Path("/api/v2/databases/{name}/backups")
@Produces(MediaType.APPLICATION_JSON)
public final class BackupsResource {
  private static final int CREATED = 201;

  private final DatabaseLifecycle databases;
  private final Branches branches;

  public BackupsResource(DatabaseLifecycle databases, Branches branches) {
    this.databases = databases;
    this.branches = branches;
  }

  /** Returns when the backup is taken. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response create(
      @PathParam("name") String name,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
      InputStream in)
      throws IOException {
    JsonBody body = JsonBody.read(contentType, in, Set.of("name", "at"));
    DatabaseStatus taken =
        branches.backUp(
            DatabaseName.ofDatabase(name),
            body.requiredString("name"),
            body.instant("at"),
            DatabasesResource.deadline());
    DatabaseName full = taken.database().name();
    String location = "/api/v2/databases/" + full.database() + "/backups/" + full.last();
    return Response.status(CREATED)
        .header(HttpHeaders.LOCATION, location)
        .entity(BackupView.of(taken))
        .build();
  }

  @GET
  public BackupView.Page list(@PathParam("name") String name, @Context UriInfo uri) {
    MultivaluedMap<String, String> query = DatabasesResource.pageParameters(uri);
    DatabasePage page =
        branches.backups(
            DatabaseName.ofDatabase(name),
            DatabasesResource.single(query, "cursor"),
            DatabasesResource.limit(DatabasesResource.single(query, "limit")));
    return new BackupView.Page(
        page.databases().stream().map(databases::status).map(BackupView::of).toList(),
        page.cursor().orElse(null));
  }

  @GET
  @Path("/{backup}")
  public BackupView get(@PathParam("name") String name, @PathParam("backup") String backup) {
    return BackupView.of(branches.backup(DatabaseName.ofDatabase(name), backup));
  }

  /** 202 when deleting what was stored takes longer: it goes on. */
  @DELETE
  @Path("/{backup}")
  public Response delete(@PathParam("name") String name, @PathParam("backup") String backup) {
    DatabaseStatus status =
        branches.deleteBackup(DatabaseName.ofDatabase(name), backup, DatabasesResource.deadline());
    return DatabasesResource.isFinished(status)
        ? Response.ok(BackupView.of(status, "deleted")).build()
        : Response.accepted(BackupView.of(status)).build();
  }
}

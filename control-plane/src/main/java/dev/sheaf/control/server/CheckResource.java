package dev.sheaf.control.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;

/**
 * {@code /api/v2/databases/{name}/check}: reads all that a database has stored. As that may take
 * hours the {@linkplain CheckAnswer answer} comes line by line. Whoever hangs up ends the check.
 */
@Path("/api/v2/databases/{name}/check")
@Produces(CheckResource.LINES)
public final class CheckResource {
  static final String LINES = "application/x-ndjson";

  private final Inspections inspections;
  private final ObjectMapper json;

  public CheckResource(Inspections inspections, ObjectMapper json) {
    this.inspections = inspections;
    this.json = json;
  }

  @POST
  public Response check(@PathParam("name") String name) {
    DatabaseRecord database = inspections.ready(DatabaseName.ofDatabase(name));
    StreamingOutput lines =
        out -> {
          boolean unused = new CheckAnswer(out, json).check(inspections, database);
        };
    return Response.ok(lines, LINES).build();
  }
}

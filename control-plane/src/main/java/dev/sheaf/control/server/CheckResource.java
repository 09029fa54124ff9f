package dev.sheaf.control.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * {@code /api/v2/databases/{name}/check}: reads all that a database has stored. As that may take
 * hours the answer is one JSON object a line, while it goes on: {@code progress} each second or so,
 * a {@code finding} as it is found, at the end {@code result} or {@code problem}. An answer without
 * either was cut off. Whoever hangs up ends the check.
 */
@Path("/api/v2/databases/{name}/check")
@Produces(CheckResource.LINES)
public final class CheckResource {
  static final String LINES = "application/x-ndjson";
  private static final long TIMEOUT_MILLIS = TimeUnit.HOURS.toMillis(24);

  private final Inspections inspections;
  private final ObjectMapper json;

  public CheckResource(Inspections inspections, ObjectMapper json) {
    this.inspections = inspections;
    this.json = json;
  }

  @POST
  public Response check(@PathParam("name") String name) {
    DatabaseRecord database = inspections.ready(DatabaseName.ofDatabase(name));
    StreamingOutput lines = out -> check(database, new Lines(out, json));
    return Response.ok(lines, LINES).build();
  }

  private void check(DatabaseRecord database, Lines lines) throws IOException {
    try {
      Deadline deadline = Deadline.after(System.nanoTime(), TIMEOUT_MILLIS);
      lines.write(CheckLine.result(inspections.check(database, lines, deadline)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (SheafException e) {
      lines.write(CheckLine.problem(Problem.of(e)));
    }
  }

  /** Used by one thread at a time. */
  private record Lines(OutputStream out, ObjectMapper json) implements CheckListener {
    @Override
    public void progress(Checked soFar) {
      write(CheckLine.progress(soFar));
    }

    @Override
    public void found(Finding finding) {
      write(CheckLine.finding(finding));
    }

    void write(CheckLine line) {
      try {
        out.write((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      } catch (IOException e) {
        throw new UncheckedIOException("the client of a check has hung up", e);
      }
    }
  }
}

package dev.sheaf.control.server;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The description of the REST interface: OpenAPI 3.1, written by hand, held to the code by a test.
 */
@Path("/q/openapi")
public final class OpenApiResource {

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public byte[] document() throws IOException {
    try (InputStream in = OpenApiResource.class.getResourceAsStream("openapi.json")) {
      return Objects.requireNonNull(in, "openapi.json is packaged beside the class").readAllBytes();
    }
  }
}

package dev.sheaf.control.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** {@code /api/v2/cluster}: look at the nodes and shards, drain page servers. */
@Path("/api/v2/cluster")
@Produces(MediaType.APPLICATION_JSON)
public final class ClusterResource {
  private static final int ACCEPTED = 202;

  private final ClusterOverview overview;
  private final NodeDrains drains;

  public ClusterResource(ClusterOverview overview, NodeDrains drains) {
    this.overview = overview;
    this.drains = drains;
  }

  @GET
  public ClusterView get() {
    return ClusterView.of(overview.read());
  }

  /** Answers at once; the node's state and the shards' owners show how far it is. */
  @POST
  @Path("/nodes/{name}/drain")
  public Response drain(@PathParam("name") String name) {
    return Response.status(ACCEPTED).entity(ClusterView.Node.of(drains.drain(name))).build();
  }
}

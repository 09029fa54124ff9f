package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code /api/v2/databases/{name}/sweep}: what the next sweep would delete. Deletes nothing. */
@Path("/api/v2/databases/{name}/sweep")
@Produces(MediaType.APPLICATION_JSON)
public final class SweepResource {
  private final Inspections inspections;

  public SweepResource(Inspections inspections) {
    this.inspections = inspections;
  }

  @GET
  public View plan(@PathParam("name") String name) {
    return View.of(
        inspections.planSweep(DatabaseName.ofDatabase(name), DatabasesResource.deadline()));
  }

  /**
   * @param deletedObjects how many of {@code objects} would go, with so many bytes
   * @param unlisted objects beyond the 10,000 that are listed
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record View(
      long deletedObjects,
      long deletedBytes,
      long keptObjects,
      long keptBytes,
      long unlisted,
      List<Entry> objects) {
    private static View of(SweepPlan plan) {
      List<Leftover> deleted =
          plan.leftovers().stream().filter(each -> each.fate() == Fate.DELETED).toList();
      long deletedBytes = bytes(deleted);
      return new View(
          deleted.size(),
          deletedBytes,
          plan.leftovers().size() - (long) deleted.size(),
          bytes(plan.leftovers()) - deletedBytes,
          plan.unlisted(),
          plan.leftovers().stream().map(Entry::of).toList());
    }

    private static long bytes(List<Leftover> leftovers) {
      return leftovers.stream().mapToLong(Leftover::sizeBytes).sum();
    }
  }

  /**
   * @param fate deleted, grace, view, in_flight, manifest, branch or new_owner
   * @param waitMillis of grace: until it may go
   * @param neededBy of manifest its key, of branch its name
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Entry(
      String object,
      long bytes,
      String fate,
      @Nullable Long waitMillis,
      @Nullable String neededBy) {
    private static Entry of(Leftover leftover) {
      return new Entry(
          leftover.objectKey(),
          leftover.sizeBytes(),
          leftover.fate().name().toLowerCase(Locale.ROOT),
          leftover.fate() == Fate.GRACE ? leftover.waitMillis() : null,
          leftover.neededBy());
    }
  }
}

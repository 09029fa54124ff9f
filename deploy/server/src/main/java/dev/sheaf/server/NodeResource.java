package dev.sheaf.server;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** {@code /api/v2/node}: what this one process has open, for whoever looks at a cluster. */
@Path("/api/v2/node")
@Produces(MediaType.APPLICATION_JSON)
public final class NodeResource {
  private static final int MOST_SHARDS = 1_000;

  private final ServerBeans beans;

  public NodeResource(ServerBeans beans) {
    this.beans = beans;
  }

  @GET
  public View get() {
    List<ShardStatus> shards = beans.parts().shards();
    return new View(
        shards.size(),
        shards.stream().limit(MOST_SHARDS).map(NodeResource::view).toList(),
        beans.parts().closedShards().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .limit(MOST_SHARDS)
            .map(closed -> closed(closed.getKey(), closed.getValue()))
            .toList());
  }

  /**
   * @param open shards that this process owns, of which the first 1,000 are listed
   * @param closed at most 1,000 that it was asked for and does not serve now
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record View(int open, List<Shard> shards, List<Closed> closed) {}

  /**
   * @param reason for people
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Closed(String databaseId, int number, String reason) {}

  /**
   * @param writable false also while no majority of the safekeepers follows, as far as known
   * @param oldest position from which on the log is kept
   * @param committed position up to which a majority has it
   * @param unflushedBytes of the log, not in the object store yet
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Shard(
      String databaseId,
      int number,
      long term,
      boolean serving,
      boolean writable,
      long oldest,
      long committed,
      long unflushedBytes,
      long memtableBytes,
      List<Copy> safekeepers) {}

  /**
   * @param member whether it counts
   * @param following whether it answers and has the owner's log
   * @param flushed position up to which it is known to have the log
   * @param lagBytes what is committed and not known to be there
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Copy(String node, boolean member, boolean following, long flushed, long lagBytes) {}

  private static Closed closed(ShardId shard, String reason) {
    return new Closed(shard.database().value(), shard.number(), reason);
  }

  private static Shard view(ShardStatus status) {
    long committed = status.committed().value();
    return new Shard(
        status.shard().database().value(),
        status.shard().number(),
        status.term().value(),
        status.serving(),
        status.writable(),
        status.oldest().value(),
        committed,
        status.unflushedBytes(),
        status.memtableBytes(),
        status.safekeepers().stream().map(standing -> copy(standing, committed)).toList());
  }

  private static Copy copy(NodeStanding standing, long committed) {
    long flushed = standing.flush().value();
    return new Copy(
        standing.node().value(),
        standing.member(),
        standing.following(),
        flushed,
        Math.max(0, committed - flushed));
  }
}

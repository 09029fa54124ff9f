package dev.sheaf.control.cluster;

import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the cluster consists of, as the coordination store says now. Reads three times, so what
 * changes meanwhile may show in one place and not yet in another. Thread-safe.
 */
public final class ClusterOverview {
  private final Coordination coordination;
  private final DatabaseRegistry registry;

  public ClusterOverview(Coordination coordination, DatabaseRegistry registry) {
    this.coordination = coordination;
    this.registry = registry;
  }

  /**
   * @param leader the control plane that places shards; empty between two of them
   * @param nodes sorted by name
   * @param shards sorted
   */
  public record Overview(Optional<String> leader, List<NodeInfo> nodes, List<ShardView> shards) {}

  /**
   * @param database its name; empty for what is left of one that is no longer registered
   */
  public record ShardView(Optional<String> database, ShardFacts facts) {}

  /** 58030 when the coordination store cannot be reached. */
  public Overview read() {
    Map<DatabaseId, String> names =
        registry.registered().stream()
            .collect(Collectors.toMap(DatabaseRecord::id, database -> database.name().value()));
    List<ShardView> shards =
        ShardMap.read(coordination).stream()
            .map(facts ->
                new ShardView(Optional.ofNullable(names.get(facts.shard().database())), facts))
            .toList();
    return new Overview(
        LeaderElection.leader(coordination), NodeRegistry.read(coordination), shards);
  }
}

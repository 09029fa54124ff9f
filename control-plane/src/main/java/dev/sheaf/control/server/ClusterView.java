package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.control.cluster.ClusterOverview.Overview;
import dev.sheaf.control.cluster.ClusterOverview.ShardView;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.ShardFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as REST shows it. What there is not is left out.
 *
 * @param leader node name of the control plane that places shards
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record ClusterView(@Nullable String leader, List<Node> nodes, List<Shard> shards) {

  /**
   * @param roles control, pageserver, safekeeper, compute
   * @param state up, draining
   * @param load requests a second
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Node(
      String name,
      List<String> roles,
      String state,
      long incarnation,
      long load,
      @Nullable String grpcAddress,
      @Nullable String httpAddress,
      @Nullable String flightAddress) {

    static Node of(NodeInfo node) {
      return new Node(
          node.name(),
          node.roles().stream().sorted().map(NodeRole::text).toList(),
          node.state().text(),
          node.incarnation(),
          node.load(),
          node.addresses().grpc().orElse(null),
          node.addresses().http().orElse(null),
          node.addresses().flight().orElse(null));
    }
  }

  /**
   * @param database its name; absent for what is left of one that is gone
   * @param term of its newest owner, 0 if it never had one
   * @param assigned the page server that should own it
   * @param owner the page server that does
   * @param serving whether the owner answers requests
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Shard(
      @Nullable String database,
      String databaseId,
      int number,
      long term,
      @Nullable String assigned,
      @Nullable String owner,
      boolean serving,
      boolean deleting) {

    static Shard of(ShardView view) {
      ShardFacts facts = view.facts();
      return new Shard(
          view.database().orElse(null),
          facts.shard().database().value(),
          facts.shard().number(),
          facts.term().value(),
          facts.assigned().orElse(null),
          facts.holder().map(ShardFacts.Holder::node).orElse(null),
          facts.isServed(),
          facts.doomed());
    }
  }

  static ClusterView of(Overview overview) {
    return new ClusterView(
        overview.leader().orElse(null),
        overview.nodes().stream().map(Node::of).toList(),
        overview.shards().stream().map(Shard::of).toList());
  }
}

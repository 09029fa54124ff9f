package dev.sheaf.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.error.CliException;
import java.io.PrintStream;

/** Draws a cluster: processes as this machine sees them, shards as the control plane does. */
public final class ClusterStatus {
  private ClusterStatus() {}

  /** True if every process serves. */
  public static boolean print(LocalCluster cluster, PrintStream out) {
    boolean all = true;
    out.println("nodes");
    for (NodeSpec node : cluster.state().nodes()) {
      String health = cluster.health(node);
      all &= health.equals("ready");
      out.printf("  %-14s %-9s %s%n", node.name(), health, String.join("  ", node.addresses()));
    }
    JsonNode view;
    try {
      view = new RestClient("127.0.0.1", cluster.state().http()).cluster();
    } catch (CliException e) {
      out.println("shards: unknown, " + e.getMessage());
      return false;
    }
    out.println("leader  " + view.path("leader").asText("none"));
    out.println("shards");
    for (JsonNode shard : view.path("shards")) {
      out.printf(
          "  %-34s owner %-14s term %-6s assigned to %s%n",
          shard.path("database").asText(shard.path("database_id").asText())
              + "/"
              + shard.path("number").asText(),
          shard.path("owner").asText("none"),
          shard.path("term").asText("-"),
          shard.path("assigned").asText("none"));
    }
    return all;
  }
}

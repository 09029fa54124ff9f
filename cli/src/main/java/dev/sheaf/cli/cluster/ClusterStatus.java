package dev.sheaf.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.error.CliException;
import java.io.PrintStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Draws a cluster: processes as this machine sees them, shards as the control plane does, positions
 * of the logs as the shards' owners do.
 */
public final class ClusterStatus {
  private static final String HOST = "127.0.0.1";

  private final LocalCluster cluster;
  private final PrintStream out;

  /** What owners tell of their shards, by database and number. */
  private final Map<String, JsonNode> positions = new HashMap<>();

  /** Why page servers do not serve shards that they were asked for; by {@link #at}. */
  private final Map<String, String> closed = new HashMap<>();

  private ClusterStatus(LocalCluster cluster, PrintStream out) {
    this.cluster = cluster;
    this.out = out;
  }

  /** True if every process serves. */
  public static boolean print(LocalCluster cluster, PrintStream out) {
    return new ClusterStatus(cluster, out).print();
  }

  private boolean print() {
    boolean all = true;
    out.println("nodes");
    for (NodeSpec node : cluster.state().nodes()) {
      String health = cluster.health(node);
      all &= health.equals("ready");
      out.printf("  %-14s %-9s %s%n", node.name(), health, String.join("  ", node.addresses()));
    }
    JsonNode view;
    try {
      view = new RestClient(HOST, cluster.state().http()).cluster();
    } catch (CliException e) {
      out.println("shards: unknown, " + e.getMessage());
      return false;
    }
    out.println("leader  " + view.path("leader").asText("none"));
    for (JsonNode node : view.path("nodes")) {
      if (node.path("state").asText().equals("draining")) {
        out.println("draining  " + node.path("name").asText());
      }
      ask(node);
    }
    out.println("shards");
    for (JsonNode shard : view.path("shards")) {
      print(shard);
    }
    if (view.path("shards").isEmpty()) {
      out.println("  none: no database yet");
    }
    return all;
  }

  /** A page server that does not answer leaves the positions of its shards out. */
  private void ask(JsonNode node) {
    String http = node.path("http_address").asText();
    if (http.isEmpty() || !node.path("roles").toString().contains("pageserver")) {
      return;
    }
    try {
      URI address = URI.create("http://" + http);
      JsonNode view = new RestClient(address.getHost(), address.getPort()).node();
      view.path("shards").forEach(shard -> positions.put(key(shard), shard));
      String name = node.path("name").asText();
      view.path("closed")
          .forEach(shard -> closed.put(at(name, shard), shard.path("reason").asText()));
    } catch (CliException e) {
      out.println("  " + node.path("name").asText() + " does not answer");
    }
  }

  private static String key(JsonNode shard) {
    return shard.path("database_id").asText() + "/" + shard.path("number").asText();
  }

  private static String at(String node, JsonNode shard) {
    return node + " " + key(shard);
  }

  private void print(JsonNode shard) {
    String owner = shard.path("owner").asText("none");
    String assigned = shard.path("assigned").asText("none");
    out.printf(
        "  %-24s owner %-14s term %s%s%s%n",
        shard.path("database").asText(shard.path("database_id").asText())
            + "/"
            + shard.path("number").asText(),
        owner,
        shard.path("term").asText("-"),
        shard.path("serving").asBoolean() ? "" : ", not served",
        assigned.equals(owner) ? "" : ", moves to " + assigned);
    String reason = closed.get(at(assigned, shard));
    if (reason != null) {
      out.println("    closed: " + reason);
    }
    JsonNode position = positions.get(key(shard));
    if (position == null) {
      return;
    }
    if (position.path("serving").asBoolean() && !position.path("writable").asBoolean(true)) {
      out.println("    read-only: no majority of the safekeepers answers");
    }
    out.printf(
        "    log to %s, %s bytes of it not in the object store yet%n",
        position.path("committed").asText(), position.path("unflushed_bytes").asText());
    var copies = new StringJoiner("  ", "    copies  ", "");
    for (JsonNode copy : position.path("safekeepers")) {
      copies.add(copy.path("node").asText() + " " + standing(copy));
    }
    out.println(copies);
  }

  private static String standing(JsonNode copy) {
    if (!copy.path("following").asBoolean()) {
      return "away";
    }
    long lag = copy.path("lag_bytes").asLong();
    String state = lag == 0 ? "current" : lag + " bytes behind";
    return copy.path("member").asBoolean() ? state : state + " (no member yet)";
  }
}

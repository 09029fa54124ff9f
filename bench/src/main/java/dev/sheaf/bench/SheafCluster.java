package dev.sheaf.bench;

import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.ClusterState;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.cli.cluster.NodeSpec;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A Sheaf cluster of processes as {@code ./sheaf cluster up} starts it: three safekeepers, two page
 * servers, one compute, one control plane, an etcd, and the stand-in for S3.
 */
final class SheafCluster implements AutoCloseable {
  static final String DATABASE = "bench";
  private static final Duration METRICS_TIMEOUT = Duration.ofSeconds(30);
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private final LocalCluster cluster;
  private final String host;
  private final int port;

  /**
   * @param data an empty folder
   */
  SheafCluster(Path data) {
    cluster =
        LocalCluster.create(
            new ClusterOptions(data, 0, 0, 3, 2, 1, 1, List.of(), 1, null, List.of()));
    cluster.start(SILENT);
    ClusterState state = cluster.state();
    String[] address = state.flight().getFirst().split(":", 2);
    host = address[0];
    port = Integer.parseInt(address[1]);
    new RestClient(host, state.http()).createDatabase(DATABASE);
  }

  LocalCluster processes() {
    return cluster;
  }

  /** Addresses that a node listens on for {@code what}: flight, http, rpc, client. */
  List<String> addresses(NodeRole role, String what) {
    return cluster.state().nodes().stream()
        .filter(node -> node.role() == role)
        .flatMap(node -> node.addresses().stream())
        .filter(address -> address.startsWith(what + " "))
        .map(address -> address.substring(what.length() + 1))
        .toList();
  }

  Connection connect() throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "bench");
    login.setProperty("password", "bench");
    return DriverManager.getConnection(
        "jdbc:arrow-flight-sql://%s:%d/?useEncryption=false&database=%s"
            .formatted(host, port, DATABASE),
        login);
  }

  InsertClient arrowClient(BufferAllocator allocator) {
    return new FlightInsertClient(allocator, host, port, DATABASE);
  }

  InsertClient plainClient(BufferAllocator allocator) throws Exception {
    return new GrpcInsertClient(allocator, host, port, DATABASE);
  }

  /** What all processes of a role say at {@code /q/metrics}, one after the other. */
  String metrics(NodeRole role) throws Exception {
    var all = new StringBuilder();
    try (var http = HttpClient.newHttpClient()) {
      for (NodeSpec node : cluster.state().nodes()) {
        if (node.role() == role) {
          URI uri = URI.create(node.ready()).resolve("/q/metrics");
          HttpRequest request = HttpRequest.newBuilder(uri).timeout(METRICS_TIMEOUT).build();
          all.append(http.send(request, BodyHandlers.ofString()).body());
        }
      }
    }
    return all.toString();
  }

  @Override
  public void close() {
    cluster.stop();
  }
}

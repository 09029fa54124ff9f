package dev.sheaf.systemtests.faults;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.cli.cluster.NodeSpec;
import dev.sheaf.cli.error.CliException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** A cluster of processes on a real etcd and an S3 server, to be hurt. Thread-safe. */
final class FaultCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private final LocalCluster processes;
  private final RestClient rest;

  /** How many of each, and settings of all servers. */
  record Shape(
      int safekeepers, int pageServers, int computes, int etcdMembers, List<String> settings) {}

  private FaultCluster(LocalCluster processes) {
    this.processes = processes;
    this.rest = new RestClient("127.0.0.1", processes.state().http());
  }

  static LocalCluster plan(Path folder, Shape shape) {
    Path root = Path.of("..").toAbsolutePath().normalize();
    System.setProperty("sheaf.home", root.toString());
    System.setProperty(
        "sheaf.server.jar",
        root.resolve("deploy/server/target/quarkus-app/quarkus-run.jar").toString());
    return LocalCluster.create(
        new ClusterOptions(
            folder,
            0,
            0,
            shape.safekeepers(),
            shape.pageServers(),
            shape.computes(),
            1,
            List.of(),
            shape.etcdMembers(),
            null,
            shape.settings()));
  }

  /** Starts all processes; returns when they serve. */
  static FaultCluster start(Path folder, Shape shape) {
    return start(plan(folder, shape));
  }

  static FaultCluster start(LocalCluster planned) {
    planned.start(SILENT);
    return new FaultCluster(planned);
  }

  LocalCluster processes() {
    return processes;
  }

  List<String> nodes(NodeRole role) {
    return processes.state().nodes().stream()
        .filter(node -> node.role() == role)
        .map(NodeSpec::name)
        .toList();
  }

  /** Where a node listens for one purpose (flight, http, rpc, client), as host:port. */
  String address(String node, String purpose) {
    return processes.node(node).addresses().stream()
        .filter(address -> address.startsWith(purpose + " "))
        .map(address -> address.substring(purpose.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  void createDatabase(String name) {
    JsonNode unused = rest.createDatabase(name);
  }

  void drain(String node) {
    JsonNode unused = rest.drain(node);
  }

  /**
   * @param compute counted from 0
   */
  Connection connect(int compute, String database) throws SQLException {
    String url =
        "jdbc:arrow-flight-sql://"
            + processes.state().flight().get(compute)
            + "/?useEncryption=false&database="
            + database;
    var login = new Properties();
    login.setProperty("user", "tester");
    login.setProperty("password", "secret");
    return DriverManager.getConnection(url, login);
  }

  /** What the control plane knows of a database's shard; empty fields while nobody answers. */
  JsonNode shard(String database) {
    try {
      for (JsonNode shard : rest.cluster().path("shards")) {
        if (shard.path("database").asText().equals(database)) {
          return shard;
        }
      }
    } catch (CliException e) {
      // The control plane, or etcd, is away.
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  String owner(String database) throws InterruptedException {
    await("an owner of " + database, () -> shard(database).path("serving").asBoolean());
    return shard(database).path("owner").asText();
  }

  String another(NodeRole role, String than) {
    return nodes(role).stream().filter(node -> !node.equals(than)).findFirst().orElseThrow();
  }

  boolean isDown(String node) {
    return processes.health(processes.node(node)).equals("down");
  }

  /** Starts a node that is down. */
  void start(String node) {
    processes.startNode(node);
  }

  void kill(String node) {
    processes.kill(node);
  }

  /** Deletes what a node that is down had stored. */
  void wipe(String node) throws IOException {
    Path folder = processes.folder().resolve(node);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }

  static void await(String what, Callable<Boolean> reached) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (reached.call()) {
          return;
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(what, e);
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(what + ": not within " + PATIENCE.toSeconds() + " s");
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    for (NodeSpec node : processes.state().nodes()) {
      if (processes.health(node).equals("paused")) {
        processes.resume(node.name());
      }
    }
    processes.stop();
  }
}

package dev.sheaf.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.LocalCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of processes that tests share which hurt nobody: each works on databases of its own,
 * deleted with it. It starts when it is first wanted and ends with this JVM.
 */
final class SharedCluster {
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final int SAFEKEEPERS = 3;
  private static final int PAGE_SERVERS = 2;

  private static @Nullable LocalCluster running;

  private SharedCluster() {}

  static synchronized SqlServer join() {
    if (running == null) {
      running = start();
    }
    String address = running.state().flight().getFirst();
    int colon = address.lastIndexOf(':');
    return new Guest(
        address.substring(0, colon),
        Integer.parseInt(address.substring(colon + 1)),
        new RestClient("127.0.0.1", running.state().http()));
  }

  private static LocalCluster start() {
    Path root = Path.of("..").toAbsolutePath().normalize();
    System.setProperty("sheaf.home", root.toString());
    System.setProperty(
        "sheaf.server.jar",
        root.resolve("deploy/server/target/quarkus-app/quarkus-run.jar").toString());
    try {
      Path folder = Files.createTempDirectory("sheaf-shared-cluster");
      LocalCluster cluster =
          LocalCluster.create(
              new ClusterOptions(
                  folder, 0, 0, SAFEKEEPERS, PAGE_SERVERS, 1, 1, List.of(), 1, null, List.of()));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(cluster, folder)));
      cluster.start(SILENT);
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(LocalCluster cluster, Path folder) {
    cluster.stop();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.err.println("a folder is left over: " + e);
    }
  }

  private record Guest(String host, int port, RestClient rest) implements SqlServer {
    /** The cluster goes on, without what this guest made: branches go before their parents. */
    @Override
    public void close() {
      List<JsonNode> left = staying();
      while (!left.isEmpty()) {
        Set<String> parents =
            left.stream().map(each -> each.path("parent").asText()).collect(Collectors.toSet());
        left.stream()
            .map(each -> each.path("name").asText())
            .filter(name -> !parents.contains(name))
            .forEach(rest::deleteDatabase);
        left = staying();
      }
    }

    /** Without those that are about to vanish, as what a reset leaves behind. */
    private List<JsonNode> staying() {
      return rest.databases().stream()
          .filter(each -> !each.path("state").asText().equals("deleting"))
          .toList();
    }
  }
}

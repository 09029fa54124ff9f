package dev.sheaf.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * A cluster's folder.
 *
 * <pre>
 * cluster.json     the plan ({@link ClusterState}), written once
 * NODE/            a node's own data
 * logs/NODE.log    what a node prints
 * run/NODE.pid     "PID START-MILLIS" of its process; the start tells a reused number apart
 * run/cluster.pid  the same of the command that brought the cluster up and stops it
 * </pre>
 */
final class ClusterFolder {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path root;

  ClusterFolder(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  Path root() {
    return root;
  }

  Path log(String node) {
    return root.resolve("logs").resolve(node + ".log");
  }

  Optional<ClusterState> state() {
    Path file = root.resolve("cluster.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), ClusterState.class));
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage(), "Is it a cluster's?");
    }
  }

  /** The plan of a cluster that was brought up here before. */
  ClusterState existing() {
    return state()
        .orElseThrow(() ->
            new CliException(
                ExitCode.USAGE,
                "there is no cluster in " + root,
                "./sheaf cluster up makes one; --data names its folder."));
  }

  void save(ClusterState state) {
    try {
      Files.createDirectories(root.resolve("logs"));
      Files.createDirectories(root.resolve("run"));
      for (NodeSpec node : state.nodes()) {
        Files.createDirectories(root.resolve(node.name()));
      }
      Path file = root.resolve("cluster.json");
      Path fresh = root.resolve("cluster.json.new");
      JSON.writeValue(fresh.toFile(), state);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "the folder " + root + " cannot be written: " + e.getMessage(), null);
    }
  }

  /** The process last noted under a name, if it still runs. */
  Optional<ProcessHandle> process(String name) {
    try {
      String[] words = Files.readString(pidFile(name)).strip().split(" ", -1);
      long started = Long.parseLong(words[1]);
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(process -> process.isAlive() && startOf(process) == started);
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  void note(String name, ProcessHandle process) {
    try {
      Files.writeString(pidFile(name), process.pid() + " " + startOf(process) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void forget(String name) {
    try {
      Files.deleteIfExists(pidFile(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path pidFile(String name) {
    return root.resolve("run").resolve(name + ".pid");
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}

package dev.sheaf.cli.cluster;

import dev.sheaf.cli.cluster.NodeControl.Health;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The processes of a cluster together: starts them in order, watches them, stops them. */
public final class LocalCluster {
  private static final String SELF = "cluster";
  private static final long START_SECONDS = 120;
  private static final long DOWN_SECONDS = 300;
  private static final long LOOK_MILLIS = 200;
  private static final int LAST_LINES = 15;

  private final ClusterFolder folder;
  private final ClusterState state;
  private final NodeControl control;

  /** Guards the start of a process against a stop that has begun. */
  private final Object starting = new Object();

  private boolean stopping;

  private LocalCluster(ClusterFolder folder, ClusterState state) {
    this.folder = folder;
    this.state = state;
    this.control = new NodeControl(folder, environment(state));
  }

  /**
   * Plans a new cluster, or takes up again the one that the folder holds, if it was planned by the
   * same options.
   */
  public static LocalCluster create(ClusterOptions options) {
    var folder = new ClusterFolder(options.data());
    ClusterState state = folder.state().orElseGet(() -> planned(folder, options));
    if (!state.asked().equals(options.asked())) {
      var differences = new ArrayList<>(state.asked());
      differences.removeAll(options.asked());
      throw new CliException(
          ExitCode.USAGE,
          "the cluster in %s was planned by other options: %s"
              .formatted(folder.root(), String.join(" ", differences)),
          "Give the same options or none. For a cluster of another shape name another folder (--data),"
              + " or delete this one with all that is in it.");
    }
    return new LocalCluster(folder, state);
  }

  private static ClusterState planned(ClusterFolder folder, ClusterOptions options) {
    ClusterState fresh = ClusterPlan.of(options, new Programs());
    fresh.nodes().forEach(NodePorts::checkFree);
    folder.save(fresh);
    return fresh;
  }

  /** Whether the folder holds a cluster that was brought up before. */
  public static boolean isPlanned(Path data) {
    return new ClusterFolder(data).state().isPresent();
  }

  /** The cluster that was brought up in the folder before. */
  public static LocalCluster existing(Path data) {
    var folder = new ClusterFolder(data);
    return new LocalCluster(folder, folder.existing());
  }

  /** Only the stand-in has keys that we know; those of another store come from the caller. */
  private static Map<String, String> environment(ClusterState state) {
    boolean ours = state.nodes().stream().anyMatch(node -> node.role() == NodeRole.S3);
    return ours
        ? Map.of(
            "SHEAF_S3_ACCESS_KEY", Programs.LOCAL_S3_KEY,
            "SHEAF_S3_SECRET_KEY", Programs.LOCAL_S3_SECRET)
        : Map.of();
  }

  public ClusterState state() {
    return state;
  }

  public Path folder() {
    return folder.root();
  }

  /**
   * Starts what is not running, role by role, and returns when all of it serves. Stops again what
   * it started if something does not come up.
   */
  public void start(PrintStream progress) {
    folder
        .process(SELF)
        .filter(other -> other.pid() != ProcessHandle.current().pid())
        .ifPresent(other -> {
          throw new CliException(
              ExitCode.FAILED,
              "process " + other.pid() + " runs the cluster in " + folder.root(),
              "./sheaf cluster down stops it; --data names another folder for another cluster.");
        });
    state.nodes().stream()
        .filter(node -> control.health(node) == Health.DOWN)
        .forEach(NodePorts::checkFree);
    folder.note(SELF, ProcessHandle.current());
    synchronized (starting) {
      stopping = false;
    }
    try {
      for (NodeRole role : NodeRole.values()) {
        List<NodeSpec> nodes = state.nodes().stream().filter(n -> n.role() == role).toList();
        nodes.forEach(this::startIfDown);
        for (NodeSpec node : nodes) {
          awaitReady(node);
          progress.printf(
              Locale.ROOT, "  %-14s %s%n", node.name(), String.join("  ", node.addresses()));
        }
      }
    } catch (CliException e) {
      stop();
      throw e;
    }
  }

  private void startIfDown(NodeSpec node) {
    synchronized (starting) {
      if (stopping) {
        throw new CliException(ExitCode.FAILED, "the cluster was stopped while it started", null);
      }
      if (control.health(node) == Health.DOWN) {
        control.start(node);
      }
    }
  }

  private void awaitReady(NodeSpec node) {
    long end = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    while (true) {
      switch (control.health(node)) {
        case READY -> {
          return;
        }
        case DOWN -> throw failed(node, " ended before it was ready");
        case STARTING, PAUSED -> {
          if (System.nanoTime() > end) {
            throw failed(node, " was not ready within " + START_SECONDS + " seconds");
          }
          pause();
        }
      }
    }
  }

  private CliException failed(NodeSpec node, String what) {
    return new CliException(
        ExitCode.FAILED,
        node.name() + what,
        "It said, in %s:%n%s"
            .formatted(
                folder.log(node.name()),
                String.join("\n", control.lastWords(node.name(), LAST_LINES))));
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    }
  }

  /** Stops every node, computes first, and forgets that a command runs the cluster. */
  public void stop() {
    synchronized (starting) {
      stopping = true;
    }
    List<NodeSpec> last = new ArrayList<>(state.nodes());
    Collections.reverse(last);
    for (NodeSpec node : last) {
      boolean unused = control.stop(node.name());
    }
    folder.forget(SELF);
  }

  /** As {@link #stop} if this process runs the cluster; else that is another's matter. */
  public void stopIfOurs() {
    if (folder
        .process(SELF)
        .filter(command -> command.pid() == ProcessHandle.current().pid())
        .isPresent()) {
      stop();
    }
  }

  /** Asks the command that runs the cluster to stop it, or stops what is left of it. */
  public void down() {
    folder
        .process(SELF)
        .ifPresent(command -> {
          command.destroy();
          if (!NodeControl.ends(command, DOWN_SECONDS)) {
            command.destroyForcibly();
          }
        });
    stop();
  }

  /** By name; 2 if there is none. */
  public NodeSpec node(String name) {
    return state.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CliException(
                ExitCode.USAGE,
                "there is no node " + name,
                "Nodes: "
                    + String.join(", ", state.nodes().stream().map(NodeSpec::name).toList())));
  }

  public void startNode(String name) {
    NodeSpec node = node(name);
    control.start(node);
    awaitReady(node);
  }

  /** SIGTERM, as an upgrade would; returns when the node has ended. */
  public void stopNode(String name) {
    boolean unused = control.stop(node(name).name());
  }

  public void kill(String name) {
    control.kill(node(name).name());
  }

  public void pause(String name) {
    control.pause(node(name).name());
  }

  public void resume(String name) {
    control.resume(node(name).name());
  }

  /** Of a node's process: ready, starting, paused, down. */
  public String health(NodeSpec node) {
    return control.health(node).name().toLowerCase(Locale.ROOT);
  }
}

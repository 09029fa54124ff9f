package dev.sheaf.cli.command;

import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterStatus;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.error.ExitCode;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a cluster of processes on this machine, and lets its nodes be hurt. */
@Command(
    name = "cluster",
    description = "Run a cluster on this machine: every part a process of its own.",
    mixinStandardHelpOptions = true,
    subcommands = ClusterUpCommand.class,
    footer = {
      "",
      "Examples:",
      "  ./sheaf cluster up",
      "  ./sheaf cluster status",
      "  ./sheaf demo --port 31337",
      "  ./sheaf cluster kill safekeeper-2",
      "  ./sheaf cluster start safekeeper-2",
      "  ./sheaf cluster down"
    })
public final class ClusterCommand {
  /** The cluster's folder, which every subcommand takes. */
  static class Folder {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "Folder of the cluster (default: ./cluster-data).")
    private Path data = Path.of("cluster-data");

    final Path path() {
      return data;
    }

    final LocalCluster cluster() {
      return LocalCluster.existing(data);
    }
  }

  /** One node of the cluster in a folder. */
  static final class Node extends Folder {
    @Parameters(paramLabel = "NODE", description = "For example safekeeper-2.")
    private String name = "";

    /** Acts on the node and says what has been done. */
    private void act(BiConsumer<LocalCluster, String> action, String done) {
      action.accept(cluster(), name);
      System.out.println(name + " " + done);
    }
  }

  @Command(
      name = "status",
      description = "Show nodes, shards, who owns them, how far their logs are.",
      mixinStandardHelpOptions = true)
  int status(@Mixin Folder folder) {
    return ClusterStatus.print(folder.cluster(), System.out) ? ExitCode.OK : ExitCode.FAILED;
  }

  @Command(
      name = "down",
      description = "Stop the cluster; its data stay.",
      mixinStandardHelpOptions = true)
  void down(@Mixin Folder folder) {
    folder.cluster().down();
    System.out.println("stopped");
  }

  @Command(
      name = "kill",
      description = "End a node as a crash would (SIGKILL).",
      mixinStandardHelpOptions = true)
  void kill(@Mixin Node node) {
    node.act(LocalCluster::kill, "is killed");
  }

  @Command(
      name = "pause",
      description = "Freeze a node (SIGSTOP): alive, but deaf and dumb.",
      mixinStandardHelpOptions = true)
  void pause(@Mixin Node node) {
    node.act(LocalCluster::pause, "is paused");
  }

  @Command(
      name = "resume",
      description = "Let a paused node go on (SIGCONT).",
      mixinStandardHelpOptions = true)
  void resume(@Mixin Node node) {
    node.act(LocalCluster::resume, "goes on");
  }

  @Command(
      name = "start",
      description = "Start a node that was killed or has ended.",
      mixinStandardHelpOptions = true)
  void start(@Mixin Node node) {
    node.act(LocalCluster::startNode, "is ready");
  }

  @Command(
      name = "drain",
      description = "Move a page server's shards to the others.",
      mixinStandardHelpOptions = true)
  void drain(@Mixin Node node) {
    node.act(
        (cluster, name) ->
            new RestClient("127.0.0.1", cluster.state().http()).drain(cluster.node(name).name()),
        "is asked to drain; status shows how far it is");
  }
}

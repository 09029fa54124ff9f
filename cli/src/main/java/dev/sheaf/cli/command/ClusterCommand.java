package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.ClusterOptions.S3Address;
import dev.sheaf.cli.cluster.ClusterState;
import dev.sheaf.cli.cluster.ClusterStatus;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a cluster of processes on this machine, and lets its nodes be hurt. */
@Command(
    name = "cluster",
    description = "Run a cluster on this machine: every part a process of its own.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./sheaf cluster up",
      "  ./sheaf cluster status",
      "  ./sheaf cluster kill safekeeper-2",
      "  ./sheaf cluster start safekeeper-2",
      "  ./sheaf cluster down"
    })
public final class ClusterCommand {
  private static final String AUTO = "auto";

  /** The folder, which every subcommand takes. */
  static final class Folder {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "Folder of the cluster (default: ./cluster-data).")
    private Path data = Path.of("cluster-data");
  }

  @Command(
      name = "up",
      description = "Start a cluster in the foreground; Ctrl-C, SIGTERM or `cluster down` stop it.",
      mixinStandardHelpOptions = true)
  int up(
      @picocli.CommandLine.Mixin Folder folder,
      @Option(
              names = "--flight-port",
              paramLabel = "N",
              defaultValue = "31337",
              description = "Flight SQL of compute-1 (default: ${DEFAULT-VALUE}; 0 = any).")
          int flightPort,
      @Option(
              names = "--http-port",
              paramLabel = "N",
              defaultValue = "31338",
              description = "REST of control-1 (default: ${DEFAULT-VALUE}; 0 = any).")
          int httpPort,
      @Option(names = "--safekeepers", paramLabel = "N", defaultValue = "3") int safekeepers,
      @Option(names = "--pageservers", paramLabel = "N", defaultValue = "2") int pageServers,
      @Option(names = "--computes", paramLabel = "N", defaultValue = "2") int computes,
      @Option(names = "--controls", paramLabel = "N", defaultValue = "1") int controls,
      @Option(
              names = "--etcd",
              paramLabel = "auto|URL",
              split = ",",
              defaultValue = AUTO,
              description = "An etcd that runs elsewhere, or auto: start one (default).")
          List<String> etcd,
      @Option(
              names = "--etcd-members",
              paramLabel = "N",
              defaultValue = "1",
              description = "Members of the etcd that auto starts (default: 1).")
          int etcdMembers,
      @Option(
              names = "--s3",
              paramLabel = "auto|URL",
              defaultValue = AUTO,
              description = {
                "An S3 store that runs elsewhere, or auto: start a stand-in (default).",
                "Its keys: SHEAF_S3_ACCESS_KEY and SHEAF_S3_SECRET_KEY in the environment."
              })
          String s3,
      @Option(names = "--bucket", defaultValue = "sheaf") String bucket,
      @Option(
              names = "--set",
              paramLabel = "NAME=VALUE",
              description = "Any further setting of docs/operations.md; may be repeated.")
          @Nullable List<String> settings) {
    requirePositive("--safekeepers", safekeepers);
    requirePositive("--pageservers", pageServers);
    requirePositive("--computes", computes);
    requirePositive("--controls", controls);
    requirePositive("--etcd-members", etcdMembers);
    if (safekeepers % 2 == 0) {
      throw new CliException(
          ExitCode.USAGE, "--safekeepers is " + safekeepers + ", it must be odd", null);
    }
    var options =
        new ClusterOptions(
            folder.data,
            flightPort,
            httpPort,
            safekeepers,
            pageServers,
            computes,
            controls,
            etcd.equals(List.of(AUTO)) ? List.of() : etcd,
            etcdMembers,
            s3.equals(AUTO) ? null : new S3Address(s3, bucket),
            settings == null ? List.of() : settings);
    return run(LocalCluster.create(options));
  }

  private static void requirePositive(String option, int value) {
    if (value < 1) {
      throw new CliException(
          ExitCode.USAGE, option + " is " + value + ", it must be above 0", null);
    }
  }

  private static int run(LocalCluster cluster) {
    System.out.println("Starting a cluster in " + cluster.folder());
    var over = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  cluster.stop();
                  over.countDown();
                },
                "stop-cluster"));
    cluster.start(System.out);
    ClusterState state = cluster.state();
    System.out.println("Sheaf's cluster is ready.");
    state.flight().forEach(address -> System.out.println("  Flight SQL  grpc+tcp://" + address));
    System.out.println(
        "  JDBC        jdbc:arrow-flight-sql://"
            + state.flight().getFirst()
            + "/?useEncryption=false&database=DATABASE");
    System.out.println("  REST        http://127.0.0.1:" + state.http() + "/api/v2");
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.OK;
  }

  @Command(
      name = "status",
      description = "Show nodes, shards and who owns them.",
      mixinStandardHelpOptions = true)
  int status(@picocli.CommandLine.Mixin Folder folder) {
    LocalCluster cluster = LocalCluster.existing(folder.data);
    return ClusterStatus.print(cluster, System.out) ? ExitCode.OK : ExitCode.FAILED;
  }

  @Command(
      name = "down",
      description = "Stop the cluster; its data stay.",
      mixinStandardHelpOptions = true)
  void down(@picocli.CommandLine.Mixin Folder folder) {
    LocalCluster.existing(folder.data).down();
    System.out.println("stopped");
  }

  @Command(
      name = "kill",
      description = "End a node as a crash would (SIGKILL).",
      mixinStandardHelpOptions = true)
  void kill(
      @picocli.CommandLine.Mixin Folder folder, @Parameters(paramLabel = "NODE") String node) {
    LocalCluster.existing(folder.data).kill(node);
    System.out.println("killed " + node);
  }

  @Command(
      name = "pause",
      description = "Freeze a node (SIGSTOP): alive, but deaf and dumb.",
      mixinStandardHelpOptions = true)
  void pause(
      @picocli.CommandLine.Mixin Folder folder, @Parameters(paramLabel = "NODE") String node) {
    LocalCluster.existing(folder.data).pause(node);
    System.out.println("paused " + node);
  }

  @Command(
      name = "resume",
      description = "Let a paused node go on (SIGCONT).",
      mixinStandardHelpOptions = true)
  void resume(
      @picocli.CommandLine.Mixin Folder folder, @Parameters(paramLabel = "NODE") String node) {
    LocalCluster.existing(folder.data).resume(node);
    System.out.println("resumed " + node);
  }

  @Command(
      name = "start",
      description = "Start a node that was killed or has ended.",
      mixinStandardHelpOptions = true)
  void start(
      @picocli.CommandLine.Mixin Folder folder, @Parameters(paramLabel = "NODE") String node) {
    LocalCluster.existing(folder.data).startNode(node);
    System.out.println(node + " is ready");
  }

  @Command(
      name = "drain",
      description = "Move a page server's shards to the others.",
      mixinStandardHelpOptions = true)
  void drain(
      @picocli.CommandLine.Mixin Folder folder, @Parameters(paramLabel = "NODE") String node) {
    LocalCluster cluster = LocalCluster.existing(folder.data);
    JsonNode answer =
        new RestClient("127.0.0.1", cluster.state().http()).drain(cluster.node(node).name());
    System.out.println(node + " is " + answer.path("state").asText("draining"));
  }
}

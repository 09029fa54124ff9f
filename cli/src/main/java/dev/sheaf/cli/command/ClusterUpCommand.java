package dev.sheaf.cli.command;

import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.ClusterOptions.S3Address;
import dev.sheaf.cli.cluster.ClusterState;
import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Plans and runs a cluster in the foreground. */
@Command(
    name = "up",
    description = "Start a cluster in the foreground; Ctrl-C, SIGTERM or `cluster down` stop it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The first call plans: ports, folders, how many of each. Later calls on the same folder start the same."
    })
final class ClusterUpCommand implements Callable<Integer> {
  private static final String AUTO = "auto";

  @Mixin private ClusterCommand.Folder folder = new ClusterCommand.Folder();

  @Option(
      names = "--flight-port",
      paramLabel = "N",
      description = "Flight SQL of compute-1 (default: 31337; 0 = any).")
  private int flightPort = 31_337;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "REST of control-1 (default: 31338; 0 = any).")
  private int httpPort = 31_338;

  @Option(
      names = "--safekeepers",
      paramLabel = "N",
      description = "Safekeepers (default: 3). Each log has three copies, on three of them.")
  private int safekeepers = 3;

  @Option(names = "--pageservers", paramLabel = "N", description = "Page servers (default: 2).")
  private int pageServers = 2;

  @Option(names = "--computes", paramLabel = "N", description = "Computes (default: 2).")
  private int computes = 2;

  @Option(names = "--controls", paramLabel = "N", description = "Control planes (default: 1).")
  private int controls = 1;

  @Option(
      names = "--etcd",
      paramLabel = "auto|URL",
      split = ",",
      description = "An etcd that runs elsewhere, or auto: start one (default).")
  private List<String> etcd = List.of(AUTO);

  @Option(
      names = "--etcd-members",
      paramLabel = "N",
      description = "Members of the etcd that auto starts (default: 1).")
  private int etcdMembers = 1;

  @Option(
      names = "--s3",
      paramLabel = "auto|URL",
      description = {
        "An S3 store that runs elsewhere, or auto: start a stand-in (default).",
        "Its keys: SHEAF_S3_ACCESS_KEY and SHEAF_S3_SECRET_KEY in the environment."
      })
  private String s3 = AUTO;

  @Option(
      names = "--bucket",
      paramLabel = "NAME",
      description = "Of --s3, must exist (default: sheaf).")
  private String bucket = "sheaf";

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Any further setting of docs/operations.md, of every server; may be repeated.")
  private List<String> settings = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    boolean again = !plans() && LocalCluster.isPlanned(folder.path());
    return run(again ? folder.cluster() : LocalCluster.create(options()));
  }

  /** Whether an option was given that decides on the shape of the cluster. */
  private boolean plans() {
    return spec != null
        && spec.commandLine().getParseResult().matchedOptions().stream()
            .anyMatch(option -> !option.longestName().equals("--data"));
  }

  private ClusterOptions options() {
    requirePositive("--safekeepers", safekeepers);
    requirePositive("--pageservers", pageServers);
    requirePositive("--computes", computes);
    requirePositive("--controls", controls);
    requirePositive("--etcd-members", etcdMembers);
    if (safekeepers == 2) {
      throw new CliException(
          ExitCode.USAGE, "--safekeepers is 2: it survives no more than 1 does", "Take 3.");
    }
    return new ClusterOptions(
        folder.path(),
        flightPort,
        httpPort,
        safekeepers,
        pageServers,
        computes,
        controls,
        etcd.equals(List.of(AUTO)) ? List.of() : etcd,
        etcdMembers,
        s3.equals(AUTO) ? null : new S3Address(s3, bucket),
        settings);
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
                  cluster.stopIfOurs();
                  over.countDown();
                },
                "stop-cluster"));
    cluster.start(System.out);
    ClusterState state = cluster.state();
    System.out.println("Sheaf's cluster is ready.");
    String scheme = state.encryptsFlight() ? "grpc+tls://" : "grpc+tcp://";
    state.flight().forEach(address -> System.out.println("  Flight SQL  " + scheme + address));
    System.out.println(
        "  JDBC        jdbc:arrow-flight-sql://"
            + state.flight().getFirst()
            + "/?useEncryption="
            + state.encryptsFlight()
            + "&database=DATABASE");
    System.out.println("  REST        http://127.0.0.1:" + state.http() + "/api/v2");
    System.out.println("  Console     http://127.0.0.1:" + state.http() + "/");
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.OK;
  }
}

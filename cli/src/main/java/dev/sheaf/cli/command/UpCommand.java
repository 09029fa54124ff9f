package dev.sheaf.cli.command;

import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import dev.sheaf.cli.train.IdleTraining;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the standalone server in the foreground. */
@Command(
    name = "up",
    description =
        "Run Sheaf on this machine, in the foreground; Ctrl-C or SIGTERM stops it cleanly.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 stopped cleanly; 2 wrong setting; 3 the data folder is held by another server or cannot",
      "be used; 4 a port is taken; 1 any other failure.",
      "",
      "Examples:",
      "  ./sheaf up",
      "  ./sheaf up --data /srv/sheaf --safekeepers 3",
      "  ./sheaf up --ephemeral --flight-port 0 --http-port 0"
    })
public final class UpCommand implements Callable<Integer> {
  @Option(names = "--data", paramLabel = "DIR", description = "Data folder (default: ./data).")
  private @Nullable Path data;

  @Option(
      names = "--flight-port",
      paramLabel = "N",
      description = "Port of Flight SQL (default: 31337; 0 picks a free one).")
  private @Nullable Integer flightPort;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "Port of REST, console, health, metrics (default: 31338; 0 picks a free one).")
  private @Nullable Integer httpPort;

  @Option(
      names = "--safekeepers",
      paramLabel = "N",
      description = "Copies of the log: 1 or 3 (default: 1).")
  private @Nullable Integer safekeepers;

  @Option(
      names = "--ephemeral",
      description = "Keep everything in a temporary folder, deleted at the end.")
  private boolean ephemeral;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Heap of the server (default: 2g).")
  private @Nullable String memory;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Any further setting of docs/operations.md; may be repeated.")
  private List<String> settings = List.of();

  @Override
  public Integer call() {
    var options =
        new ServerOptions(data, flightPort, httpPort, safekeepers, ephemeral, memory, settings);
    ServerProcess server = ServerProcess.start(options, System.out);
    IdleTraining.behind(server);
    return server.awaitExit();
  }
}

package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.Demo;
import dev.sheaf.cli.demo.FlightsDemo;
import dev.sheaf.cli.demo.TpchDemo;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.cli.train.IdleTraining;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts a server, loads real data, runs queries, and leaves the user in a shell. */
@Command(
    name = "demo",
    description = "Start a server, load real data, run queries, then open a shell.",
    footer = {
      "",
      "tpch generates the TPC-H tables and runs the 22 queries; flights loads flights in the USA with COPY.",
      "Without a terminal (or with --no-shell) the server stops when the answers are shown.",
      "",
      "Examples:",
      "  ./sheaf demo",
      "  ./sheaf demo tpch --scale 1",
      "  ./sheaf demo flights"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final long START_SECONDS = 60;
  private static final int ROWS_SHOWN = 5;

  /** Which demonstration. */
  enum Kind {
    tpch,
    flights
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      description = "${COMPLETION-CANDIDATES} (default: tpch).")
  private Kind kind = Kind.tpch;

  @Option(names = "--scale", paramLabel = "F", description = "TPC-H scale factor (default: 0.1).")
  private double scale = 0.1;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep the data in this folder (default: a temporary one).")
  private @Nullable Path data;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Heap of the server (default: 2g).")
  private @Nullable String memory;

  @Option(names = "--flight-port", paramLabel = "N", description = "Default: a free port.")
  private int flightPort;

  @Option(names = "--http-port", paramLabel = "N", description = "Default: a free port.")
  private int httpPort;

  @Option(names = "--no-shell", description = "Stop when the answers are shown.")
  private boolean noShell;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    var options =
        new ServerOptions(data, flightPort, httpPort, null, data == null, memory, List.of());
    try (ServerProcess server = ServerProcess.start(options, System.out)) {
      ServerAddresses addresses = server.awaitReady(START_SECONDS);
      Demo demo =
          switch (kind) {
            case tpch -> new TpchDemo(scale);
            case flights -> new FlightsDemo(addresses.importFolder());
          };
      Endpoint endpoint =
          new Endpoint(
              addresses.flightHost(), addresses.flightPort(), demo.database(), "sheaf", "");
      run(demo, endpoint, new RestClient(addresses.flightHost(), addresses.httpPort()));
      if (!noShell && System.console() != null && System.console().isTerminal()) {
        IdleTraining.behind(server);
        return new Shell(endpoint, ResultPrinter.Format.table).run();
      }
      return ExitCode.OK;
    }
  }

  private static void run(Demo demo, Endpoint endpoint, RestClient rest) {
    boolean exists =
        rest.databases().stream().anyMatch(d -> d.path("name").asText().equals(demo.database()));
    if (!exists) {
      rest.createDatabase(demo.database());
      System.out.println("Created database " + demo.database());
    }
    try (SqlClient client = SqlClient.connect(endpoint)) {
      if (!exists) {
        demo.load(client, System.out);
      }
      Demo.ask(client, demo.questions(), ROWS_SHOWN, System.out);
    }
  }
}

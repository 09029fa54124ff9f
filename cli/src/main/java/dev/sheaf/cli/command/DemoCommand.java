package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.Demo;
import dev.sheaf.cli.demo.FlightsDemo;
import dev.sheaf.cli.demo.TpchDemo;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.cli.train.IdleTraining;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads real data, runs queries, and leaves the user in a shell. */
@Command(
    name = "demo",
    description = "Start a server or use a running one, load real data, run queries, open a shell.",
    footer = {
      "",
      "tpch generates the TPC-H tables and runs the 22 queries; flights loads flights in the USA. Data that a",
      "running server has from an earlier demo is used again.",
      "Without a terminal (or with --no-shell) it ends, with its own server, when the answers are shown.",
      "",
      "Examples:",
      "  ./sheaf demo",
      "  ./sheaf demo tpch --scale 1",
      "  ./sheaf demo flights",
      "  ./sheaf demo --port 31337            against what `up` or `cluster up` runs"
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

  @ArgGroup(exclusive = false, heading = "A server or cluster that runs:%n")
  private @Nullable Running running;

  /** Where a server is that runs. */
  static final class Running {
    @Option(
        names = {"-h", "--host"},
        paramLabel = "H",
        description = "Its host (default: 127.0.0.1).")
    private String host = "127.0.0.1";

    @Option(
        names = {"-p", "--port"},
        paramLabel = "N",
        description = "Its port of Flight SQL (default: 31337).")
    private int port = ConnectionOptions.DEFAULT_PORT;
  }

  @ArgGroup(exclusive = false, heading = "A server of the demonstration's own:%n")
  private @Nullable Own own;

  /** How to run a server. */
  static final class Own {
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
  }

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "Port of REST (default: 31338 of a server that runs, else a free port).")
  private @Nullable Integer httpPort;

  @Option(names = "--no-shell", description = "Stop when the answers are shown.")
  private boolean noShell;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    Demo demo =
        switch (kind) {
          case tpch -> new TpchDemo(scale);
          case flights -> new FlightsDemo();
        };
    if (running != null && own != null) {
      throw new CliException(
          ExitCode.USAGE,
          "--host and --port name a server that runs; --data, --memory and --flight-port start one",
          "Leave out the one or the other.");
    }
    return running != null
        ? show(demo, running)
        : showOnOwnServer(demo, own == null ? new Own() : own);
  }

  private int show(Demo demo, Running server) {
    var endpoint = Endpoint.plain(server.host, server.port, demo.database());
    int http = Objects.requireNonNullElse(httpPort, StatusCommand.DEFAULT_HTTP_PORT);
    run(demo, endpoint, new RestClient(server.host, http));
    return wantsShell() ? new Shell(endpoint, ResultPrinter.Format.table).run() : ExitCode.OK;
  }

  private int showOnOwnServer(Demo demo, Own wanted) {
    int http = Objects.requireNonNullElse(httpPort, 0);
    var options =
        new ServerOptions(
            wanted.data,
            wanted.flightPort,
            http,
            null,
            wanted.data == null,
            wanted.memory,
            List.of());
    try (ServerProcess server = ServerProcess.start(options, System.out)) {
      ServerAddresses addresses = server.awaitReady(START_SECONDS);
      var endpoint =
          Endpoint.plain(addresses.flightHost(), addresses.flightPort(), demo.database());
      run(demo, endpoint, new RestClient(addresses.flightHost(), addresses.httpPort()));
      if (wantsShell()) {
        IdleTraining.behind(server);
        return new Shell(endpoint, ResultPrinter.Format.table).run();
      }
      return ExitCode.OK;
    }
  }

  private boolean wantsShell() {
    return !noShell && System.console() != null && System.console().isTerminal();
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

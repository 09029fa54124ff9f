package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.shell.BatchRunner;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.cli.shell.StatementRunner;
import dev.sheaf.cli.text.ResultPrinter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The SQL shell, interactive or batch. */
@Command(
    name = "sql",
    description = "Run SQL: interactively, or with -c or -f as a batch.",
    footer = {
      "",
      "The password, if the server wants one, is taken from SHEAF_PASSWORD.",
      "Exit codes: 0 all statements ran; 1 a statement failed (the batch stops there); 2 no connection.",
      "",
      "Examples:",
      "  ./sheaf sql shop",
      "  ./sheaf sql shop -c 'SELECT count(*) FROM orders' --format json",
      "  ./sheaf sql shop --branch dev         (the same as shop@dev)",
      "  ./sheaf sql shop -f load.sql          (-f - reads standard input)"
    })
public final class SqlCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @ArgGroup private @Nullable Source source;

  /** Where a batch comes from. */
  static final class Source {
    @Option(
        names = {"-c", "--command"},
        paramLabel = "SQL",
        description = "Run these statements and exit.")
    private @Nullable String command;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "Run the statements of a file and exit.")
    private @Nullable String file;
  }

  @Option(
      names = "--format",
      description = "How to print results: ${COMPLETION-CANDIDATES} (default: table).")
  private ResultPrinter.Format format = ResultPrinter.Format.table;

  @Option(names = "--timing", description = "Print how long each statement took.")
  private boolean timing;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    if (source != null) {
      String sql = source.command != null ? source.command : read(String.valueOf(source.file));
      return batch(sql, out);
    }
    if (System.console() == null || !System.console().isTerminal()) {
      return batch(read("-"), out);
    }
    return new Shell(connection.endpoint(), format).run();
  }

  private int batch(String sql, PrintWriter out) {
    Endpoint endpoint = connection.endpoint();
    try (SqlClient client = SqlClient.connect(endpoint)) {
      var runner = new StatementRunner(client, out, format, timing, endpoint);
      return new BatchRunner(runner, System.err).run(sql);
    }
  }

  private static String read(String file) {
    try {
      return file.equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new CliException(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), null);
    }
  }
}

package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say where to connect. */
final class ConnectionOptions extends ServerOfSql {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DATABASE",
      description = "Database (default: the server's only one).")
  private @Nullable String database;

  @Option(
      names = {"-d", "--database"},
      paramLabel = "DATABASE",
      description = "The same as an option.")
  private @Nullable String named;

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "Branch of the database (default: the database itself).")
  private @Nullable String branch;

  Endpoint endpoint() {
    if (database != null && named != null) {
      throw new CliException(
          ExitCode.USAGE, "two databases are named: " + database + " and " + named, null);
    }
    return endpoint(database != null ? database : named, branch);
  }
}

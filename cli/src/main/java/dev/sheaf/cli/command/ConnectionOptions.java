package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where to connect. */
final class ConnectionOptions extends ServerOfSql {
  @Option(
      names = {"-d", "--database"},
      paramLabel = "DATABASE",
      description = "Database (default: the server's only one).")
  private @Nullable String database;

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "Branch of the database (default: the database itself).")
  private @Nullable String branch;

  Endpoint endpoint() {
    return endpoint(database, branch);
  }
}

package dev.sheaf.cli.command;

import dev.sheaf.cli.client.Endpoint;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where Flight SQL is served, and as whom to connect. */
class ServerOfSql {
  static final int DEFAULT_PORT = 31337;

  @Option(
      names = {"-h", "--host"},
      paramLabel = "H",
      description = "Host (default: 127.0.0.1).")
  private String host = "127.0.0.1";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "N",
      description = "Port of Flight SQL (default: 31337).")
  private int port = DEFAULT_PORT;

  @Option(
      names = {"-U", "--user"},
      paramLabel = "USER",
      description = "User name (default: sheaf).")
  private String user = "sheaf";

  @Option(names = "--tls", description = "The server has TLS, by an authority that the JVM trusts.")
  private boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "The server has TLS, by the authority whose certificate is in this PEM file.")
  private @Nullable Path authority;

  /**
   * @param database null = the server's only one
   * @param branch of that database; null = itself
   */
  final Endpoint endpoint(@Nullable String database, @Nullable String branch) {
    String password = System.getenv().getOrDefault("SHEAF_PASSWORD", "");
    Optional<Endpoint.Tls> wanted =
        tls || authority != null
            ? Optional.of(new Endpoint.Tls(Optional.ofNullable(authority)))
            : Optional.empty();
    return new Endpoint(host, port, database, branch, user, password, wanted);
  }
}

package dev.sheaf.cli.client;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where and as whom to connect.
 *
 * @param database null = the server's only database
 * @param branch of that database; null = itself
 * @param tls empty = in the clear
 */
public record Endpoint(
    String host,
    int port,
    @Nullable String database,
    @Nullable String branch,
    String user,
    String password,
    Optional<Tls> tls) {

  public Endpoint(
      String host,
      int port,
      @Nullable String database,
      String user,
      String password,
      Optional<Tls> tls) {
    this(host, port, database, null, user, password, tls);
  }

  /**
   * How the server proves who it is.
   *
   * @param authority PEM file of the authority that signed its certificate; empty = one that the
   *     JVM trusts
   */
  public record Tls(Optional<Path> authority) {}

  /** The user that needs no password, in the clear. */
  public static Endpoint plain(String host, int port, String database) {
    return new Endpoint(host, port, database, "sheaf", "", Optional.empty());
  }

  public Endpoint withDatabase(String newDatabase) {
    return new Endpoint(host, port, newDatabase, user, password, tls);
  }
}

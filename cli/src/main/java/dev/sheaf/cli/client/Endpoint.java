package dev.sheaf.cli.client;

import org.jspecify.annotations.Nullable;

/**
 * Where and as whom to connect.
 *
 * @param database null = the server's only database
 */
public record Endpoint(
    String host, int port, @Nullable String database, String user, String password) {
  public Endpoint withDatabase(String newDatabase) {
    return new Endpoint(host, port, newDatabase, user, password);
  }
}

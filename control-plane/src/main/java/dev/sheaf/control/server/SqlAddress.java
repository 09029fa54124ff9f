package dev.sheaf.control.server;

/**
 * Where SQL clients connect.
 *
 * @param host name or address as clients reach it; IPv6 without brackets
 */
public record SqlAddress(String host, int port) {

  private String authority() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** For Flight clients. The database is named by the call header {@code database}. */
  public String flightSql() {
    return "grpc+tcp://" + authority();
  }

  /** For the stock Arrow Flight SQL JDBC driver, which sends parameters it does not know on. */
  public String jdbc(String database) {
    return "jdbc:arrow-flight-sql://" + authority() + "/?useEncryption=false&database=" + database;
  }
}

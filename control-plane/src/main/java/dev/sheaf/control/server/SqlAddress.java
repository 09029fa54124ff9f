package dev.sheaf.control.server;

/**
 * Where SQL clients connect.
 *
 * @param host name or address as clients reach it; IPv6 without brackets
 * @param tls whether they must use it
 */
public record SqlAddress(String host, int port, boolean tls) {
  private static final String TLS = "grpc+tls://";

  /**
   * As {@link #text} gives it.
   *
   * @throws NumberFormatException if it is not that
   */
  public static SqlAddress parse(String text) {
    boolean tls = text.startsWith(TLS);
    int colon = text.lastIndexOf(':');
    return new SqlAddress(
        text.substring(tls ? TLS.length() : 0, colon),
        Integer.parseInt(text.substring(colon + 1)),
        tls);
  }

  /** {@code host:port}, or {@code grpc+tls://host:port}: how a node announces it. */
  public String text() {
    return (tls ? TLS : "") + host + ":" + port;
  }

  private String authority() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** For Flight clients. The database is named by the call header {@code database}. */
  public String flightSql() {
    return (tls ? TLS : "grpc+tcp://") + authority();
  }

  /** For the stock Arrow Flight SQL JDBC driver, which sends parameters it does not know on. */
  public String jdbc(String database) {
    return "jdbc:arrow-flight-sql://%s/?useEncryption=%s&database=%s"
        .formatted(authority(), tls, database);
  }
}

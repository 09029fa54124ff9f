package dev.sheaf.systemtests;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.client.SqlClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** What answers SQL, as its clients see it: one process, or a cluster of them. */
interface SqlServer extends AutoCloseable {
  String host();

  /** Of Flight SQL. */
  int port();

  RestClient rest();

  default void createDatabase(String name) {
    rest().createDatabase(name);
  }

  default SqlClient client(String database) {
    return SqlClient.connect(Endpoint.plain(host(), port(), database));
  }

  default String jdbcUrl(String database) {
    return "jdbc:arrow-flight-sql://%s:%d/?useEncryption=false&database=%s"
        .formatted(host(), port(), database);
  }

  /** A connection of the stock JDBC driver. */
  default Connection connect(String database) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "tester");
    login.setProperty("password", "secret");
    return DriverManager.getConnection(jdbcUrl(database), login);
  }

  @Override
  void close();
}

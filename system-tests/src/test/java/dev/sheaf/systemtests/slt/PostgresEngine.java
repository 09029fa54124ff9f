package dev.sheaf.systemtests.slt;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL as a process of its own, with an empty database for each file. */
final class PostgresEngine implements Engine {
  private final Connection connection;

  private PostgresEngine(Connection connection) {
    this.connection = connection;
  }

  /** A server for many engines. */
  static final class Server implements AutoCloseable {
    private final EmbeddedPostgres server;
    private int databases;

    Server() throws IOException {
      // Text sorts by its bytes, as in Sheaf.
      server =
          EmbeddedPostgres.builder()
              .setLocaleConfig("locale", "C")
              .setLocaleConfig("encoding", "UTF8")
              .setServerConfig("fsync", "off")
              .start();
    }

    PostgresEngine engine() throws SQLException {
      String name = "slt" + databases++;
      try (Connection admin =
              DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres"));
          Statement statement = admin.createStatement()) {
        statement.execute("CREATE DATABASE " + name);
      }
      Connection connection = DriverManager.getConnection(server.getJdbcUrl("postgres", name));
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET timezone = 'UTC'");
      }
      return new PostgresEngine(connection);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @Override
  public String name() {
    return "postgresql";
  }

  @Override
  public Result run(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      if (!statement.execute(sql)) {
        return new Changed(statement.getUpdateCount());
      }
      try (ResultSet result = statement.getResultSet()) {
        return read(result);
      }
    } catch (SQLException e) {
      return new Failed(String.valueOf(e.getSQLState()), String.valueOf(e.getMessage()));
    }
  }

  private static Rows read(ResultSet result) throws SQLException {
    int columns = result.getMetaData().getColumnCount();
    List<List<String>> rows = new ArrayList<>();
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int c = 1; c <= columns; c++) {
        String value = result.getString(c);
        boolean truth = result.getMetaData().getColumnType(c) == Types.BIT;
        row.add(truth && value != null ? (value.equals("t") ? "true" : "false") : value);
      }
      rows.add(row);
    }
    return new Rows(columns, rows);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}

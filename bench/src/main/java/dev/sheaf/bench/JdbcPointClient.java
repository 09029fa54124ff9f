package dev.sheaf.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** By prepared statements, which each operation binds and runs. */
final class JdbcPointClient implements PointClient {
  private final PreparedStatement read;
  private final JdbcInsertClient insert;

  JdbcPointClient(Connection connection) throws SQLException {
    this.read = connection.prepareStatement("SELECT payload FROM kv WHERE id = ?");
    this.insert = new JdbcInsertClient(connection);
  }

  @Override
  public String read(long id) throws SQLException {
    read.setLong(1, id);
    try (ResultSet rows = read.executeQuery()) {
      if (!rows.next()) {
        throw new IllegalStateException("row " + id + " is missing");
      }
      return rows.getString(1);
    }
  }

  @Override
  public void insert(long id, String payload) throws SQLException {
    insert.insert(id, payload);
  }

  @Override
  public void close() throws SQLException {
    read.close();
    insert.close();
  }
}

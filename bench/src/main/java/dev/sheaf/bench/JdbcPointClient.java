package dev.sheaf.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** By prepared statements, which each operation binds and runs. */
final class JdbcPointClient implements PointClient {
  private final Connection connection;
  private final PreparedStatement read;
  private final PreparedStatement insert;

  JdbcPointClient(Connection connection) throws SQLException {
    this.connection = connection;
    this.read = connection.prepareStatement("SELECT payload FROM kv WHERE id = ?");
    this.insert = connection.prepareStatement("INSERT INTO kv VALUES (?, ?)");
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
    insert.setLong(1, id);
    insert.setString(2, payload);
    if (insert.executeUpdate() != 1) {
      throw new IllegalStateException("the insert changed nothing");
    }
  }

  @Override
  public void close() throws SQLException {
    read.close();
    insert.close();
    connection.close();
  }
}

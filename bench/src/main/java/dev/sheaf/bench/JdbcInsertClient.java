package dev.sheaf.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A prepared INSERT, which each execution binds and runs. */
final class JdbcInsertClient implements InsertClient {
  private final Connection connection;
  private final PreparedStatement insert;

  JdbcInsertClient(Connection connection) throws SQLException {
    this.connection = connection;
    this.insert = connection.prepareStatement("INSERT INTO kv VALUES (?, ?)");
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
    insert.close();
    connection.close();
  }
}

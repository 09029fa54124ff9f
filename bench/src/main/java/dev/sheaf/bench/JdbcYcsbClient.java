package dev.sheaf.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** YCSB by prepared JDBC statements. */
final class JdbcYcsbClient implements YcsbClient {
  private final Connection connection;
  private final PreparedStatement select;
  private final PreparedStatement scan;
  private final PreparedStatement insert;
  private final List<PreparedStatement> updates = new ArrayList<>();

  JdbcYcsbClient(Connection connection) throws SQLException {
    this.connection = connection;
    this.select = connection.prepareStatement(SELECT);
    this.scan = connection.prepareStatement(SCAN);
    this.insert = connection.prepareStatement(YcsbClient.insert());
    for (int f = 0; f < FIELDS; f++) {
      updates.add(connection.prepareStatement(YcsbClient.update(f)));
    }
  }

  @Override
  public long read(long key) throws SQLException {
    select.setLong(1, key);
    return rows(select);
  }

  @Override
  public long scan(long from, long rows) throws SQLException {
    scan.setLong(1, from);
    scan.setLong(2, rows);
    return rows(scan);
  }

  private static long rows(PreparedStatement statement) throws SQLException {
    long count = 0;
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        for (int c = 1; c <= FIELDS + 1; c++) {
          if (rows.getString(c) == null) {
            throw new IllegalStateException("a field is missing");
          }
        }
        count++;
      }
    }
    return count;
  }

  @Override
  public long update(int field, String value, long key) throws SQLException {
    PreparedStatement update = updates.get(field);
    update.setString(1, value);
    update.setLong(2, key);
    return update.executeUpdate();
  }

  @Override
  public long insert(long key, String[] values) throws SQLException {
    insert.setLong(1, key);
    for (int f = 0; f < values.length; f++) {
      insert.setString(2 + f, values[f]);
    }
    return insert.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

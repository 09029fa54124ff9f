package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** Loads into a PostgreSQL server by COPY FROM STDIN over one connection. */
final class PostgresLoad implements LoadTarget {
  private static final int BUFFER_BYTES = 1 << 16;

  private final PostgresPeer server;

  PostgresLoad() throws IOException {
    server = new PostgresPeer();
  }

  @Override
  public String name() {
    return "PostgreSQL, COPY of CSV";
  }

  @Override
  public void prepare() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS lineitem");
      statement.execute(TpchSchema.createTable(LoadFiles.TABLE));
      // So that no load pays for the one before.
      statement.execute("CHECKPOINT");
    }
  }

  @Override
  public void load(LoadFiles files) throws SQLException, IOException {
    try (Connection connection = connect();
        InputStream csv = Files.newInputStream(files.csv())) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "COPY lineitem FROM STDIN (FORMAT csv, DELIMITER '" + LoadFiles.DELIMITER + "')",
              csv,
              BUFFER_BYTES);
    }
  }

  @Override
  public long storedBytes() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT pg_total_relation_size('lineitem'::regclass)")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

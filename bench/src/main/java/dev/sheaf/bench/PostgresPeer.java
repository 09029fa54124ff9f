package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** A PostgreSQL server as a process, with fsync and synchronous commit on. */
final class PostgresPeer implements Peer {
  private static final int COPY_CHARACTERS = 1 << 20;

  private final EmbeddedPostgres server;

  PostgresPeer() throws IOException {
    this(EmbeddedPostgres.builder());
  }

  /**
   * @param data the folder, which stays
   */
  PostgresPeer(Path data) throws IOException {
    this(EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false));
  }

  private PostgresPeer(EmbeddedPostgres.Builder builder) throws IOException {
    server =
        builder
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("max_connections", "120")
            .setServerConfig("shared_buffers", "1GB")
            .setServerConfig("max_wal_size", "4GB")
            .start();
  }

  @Override
  public String name() {
    return "PostgreSQL";
  }

  @Override
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres"));
  }

  @Override
  public long load(TpchTable<?> table, double scale) throws SQLException, IOException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(TpchSchema.createTable(table));
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      var rows = new StringBuilder();
      long loaded = 0;
      for (TpchEntity row : table.createGenerator(scale, 1, 1)) {
        String line = row.toLine();
        rows.append(line, 0, line.length() - 1).append('\n');
        loaded++;
        if (rows.length() > COPY_CHARACTERS) {
          flush(copy, table, rows);
        }
      }
      flush(copy, table, rows);
      return loaded;
    }
  }

  private static void flush(CopyManager copy, TpchTable<?> table, StringBuilder rows)
      throws SQLException, IOException {
    copy.copyIn(
        "COPY " + table.getTableName() + " FROM STDIN WITH (DELIMITER '|')",
        new StringReader(rows.toString()));
    rows.setLength(0);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

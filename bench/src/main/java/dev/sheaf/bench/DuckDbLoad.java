package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Loads into a DuckDB file, a new one for each load, within this process. */
final class DuckDbLoad implements LoadTarget {
  private final Path file;
  private final Way way;
  private @Nullable DuckDBConnection database;

  /** What DuckDB reads. */
  enum Way {
    CSV("DuckDB, COPY of CSV"),
    PARQUET("DuckDB, COPY of Parquet");

    private final String name;

    Way(String name) {
      this.name = name;
    }
  }

  /**
   * @param folder for the file
   */
  DuckDbLoad(Path folder, Way way) {
    this.file = folder.resolve("duckdb-" + way.ordinal());
    this.way = way;
  }

  @Override
  public String name() {
    return way.name;
  }

  @Override
  public void prepare() throws SQLException, IOException {
    close();
    database = DriverManager.getConnection("jdbc:duckdb:" + file).unwrap(DuckDBConnection.class);
    run(TpchSchema.createTable(LoadFiles.TABLE));
  }

  @Override
  public void load(LoadFiles files) throws SQLException {
    run(
        switch (way) {
          case CSV -> LoadFiles.copyCsv(files.csv());
          case PARQUET -> "COPY lineitem FROM '" + files.parquet() + "' (FORMAT parquet)";
        });
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public long storedBytes() throws SQLException, IOException {
    run("CHECKPOINT");
    return Files.size(file);
  }

  @Override
  public Connection connect() throws SQLException {
    if (database == null) {
      throw new IllegalStateException("not prepared");
    }
    return database.duplicate();
  }

  @Override
  public void close() throws SQLException, IOException {
    if (database != null) {
      database.close();
      database = null;
    }
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".wal"));
  }
}

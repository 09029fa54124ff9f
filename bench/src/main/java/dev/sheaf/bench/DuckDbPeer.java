package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** DuckDB in this process, in memory. */
final class DuckDbPeer implements Peer {
  private final DuckDBConnection database;

  DuckDbPeer() throws SQLException {
    database = DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
  }

  @Override
  public String name() {
    return "DuckDB";
  }

  @Override
  public Connection connect() throws SQLException {
    return database.duplicate();
  }

  @Override
  public long load(TpchTable<?> table, double scale) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute(TpchSchema.createTable(table));
    }
    return append(table, scale);
  }

  private <E extends TpchEntity> long append(TpchTable<E> table, double scale) throws SQLException {
    long rows = 0;
    try (DuckDBAppender appender = database.createAppender("main", table.getTableName())) {
      for (E row : table.createGenerator(scale, 1, 1)) {
        appender.beginRow();
        for (TpchColumn<E> column : table.getColumns()) {
          append(appender, column, row);
        }
        appender.endRow();
        rows++;
      }
    }
    return rows;
  }

  private static <E extends TpchEntity> void append(
      DuckDBAppender appender, TpchColumn<E> column, E row) throws SQLException {
    switch (column.getType().getBase()) {
      case INTEGER -> appender.append(column.getInteger(row));
      case IDENTIFIER -> appender.append(column.getIdentifier(row));
      case DATE -> appender.append(LocalDate.ofEpochDay(column.getDate(row)));
      case DOUBLE ->
          appender.append(BigDecimal.valueOf(Math.round(column.getDouble(row) * 100), 2));
      case VARCHAR -> appender.append(column.getString(row));
    }
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}

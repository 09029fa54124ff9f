package dev.sheaf.systemtests.differential;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;

/** DuckDB in this process, as the judge. */
final class DuckDb implements AutoCloseable {
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
          .toFormatter(java.util.Locale.ROOT);

  private final Connection connection;

  DuckDb() throws SQLException {
    connection = DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'");
      statement.execute("SET threads = 1");
    }
  }

  Answer run(String sql) {
    // An internal error of DuckDB closes the statement.
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute(sql.replace(Expressions.INTEGER_DIVISION, "//"))) {
        return Answer.of(List.of(List.of(BigDecimal.valueOf(statement.getUpdateCount()))));
      }
      try (ResultSet result = statement.getResultSet()) {
        List<List<Object>> rows = new ArrayList<>();
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          List<Object> row = new ArrayList<>();
          for (int c = 1; c <= columns; c++) {
            row.add(normal(result.getObject(c)));
          }
          rows.add(row);
        }
        return Answer.of(rows);
      }
    } catch (SQLException e) {
      String message = String.valueOf(e.getMessage());
      return Answer.failure(message.replaceFirst(":.*(?s).*", ""), message);
    }
  }

  private static Object normal(Object value) {
    return switch (value) {
      case null -> null;
      case Boolean b -> b;
      case Double d -> d;
      case Float f -> (double) f;
      case Number n -> new BigDecimal(n.toString());
      case Timestamp t -> TIMESTAMP.format(t.toLocalDateTime());
      case LocalDateTime t -> TIMESTAMP.format(t);
      default -> value.toString();
    };
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.TpchDemo;
import dev.sheaf.cli.demo.TpchQueries;
import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 22 TPC-H queries at scale 0.1 give DuckDB's answers on the same data, row by row. */
@ParameterizedClass
@MethodSource("dev.sheaf.systemtests.SqlServers#chosen")
record TpchAnswersTest(SqlServers kind) {
  private static final double SCALE = 0.1;

  /** Sheaf's AVG and division keep at least six digits after the point; DuckDB answers doubles. */
  private static final BigDecimal ROUNDING = new BigDecimal("0.000001");

  private static SqlServer server;
  private static Connection sheaf;
  private static Connection duckdb;

  @BeforeParameterizedClassInvocation
  static void load(SqlServers kind) throws SQLException {
    server = kind.start();
    server.createDatabase("tpch");
    try (SqlClient client = server.client("tpch")) {
      new TpchDemo(SCALE).load(client, new PrintStream(OutputStream.nullOutputStream()));
    }
    sheaf = server.connect("tpch");
    duckdb = DriverManager.getConnection("jdbc:duckdb:");
    for (TpchTable<?> table : TpchSchema.tables()) {
      try (Statement statement = duckdb.createStatement()) {
        statement.execute(TpchSchema.createTable(table));
      }
      append(table);
    }
  }

  private static <E extends TpchEntity> void append(TpchTable<E> table) throws SQLException {
    try (DuckDBAppender appender =
        duckdb.unwrap(DuckDBConnection.class).createAppender("main", table.getTableName())) {
      for (E row : table.createGenerator(SCALE, 1, 1)) {
        appender.beginRow();
        for (TpchColumn<E> column : table.getColumns()) {
          switch (column.getType().getBase()) {
            case INTEGER -> appender.append(column.getInteger(row));
            case IDENTIFIER -> appender.append(column.getIdentifier(row));
            case DATE -> appender.append(LocalDate.ofEpochDay(column.getDate(row)));
            case DOUBLE ->
                appender.append(BigDecimal.valueOf(Math.round(column.getDouble(row) * 100), 2));
            case VARCHAR -> appender.append(column.getString(row));
          }
        }
        appender.endRow();
      }
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    sheaf.close();
    duckdb.close();
    server.close();
  }

  static List<Integer> queries() {
    return java.util.stream.IntStream.rangeClosed(1, TpchQueries.COUNT).boxed().toList();
  }

  @ParameterizedTest(name = "Q{0}")
  @MethodSource("queries")
  void answersAsDuckDb(int query) throws SQLException {
    List<List<Object>> expected = rows(duckdb, TpchQueries.text(query, SCALE));
    List<List<Object>> actual = rows(sheaf, TpchQueries.text(query, SCALE));
    assertThat(actual).as("number of rows").hasSameSizeAs(expected);
    for (int r = 0; r < expected.size(); r++) {
      for (int c = 0; c < expected.get(r).size(); c++) {
        assertThat(same(expected.get(r).get(c), actual.get(r).get(c)))
            .as("row %d column %d: expected %s but was %s", r, c, expected.get(r), actual.get(r))
            .isTrue();
      }
    }
  }

  private static boolean same(Object expected, Object actual) {
    if (expected instanceof BigDecimal e && actual instanceof BigDecimal a) {
      // Exact unless one of them had to round.
      BigDecimal allowed = e.scale() == a.scale() ? BigDecimal.ZERO : ROUNDING;
      return e.subtract(a).abs().compareTo(allowed) <= 0
          || e.round(new java.math.MathContext(12, RoundingMode.HALF_UP))
                  .compareTo(a.round(new java.math.MathContext(12, RoundingMode.HALF_UP)))
              == 0;
    }
    return java.util.Objects.equals(expected, actual);
  }

  private static List<List<Object>> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<Object>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        for (int c = 1; c <= columns; c++) {
          row.add(normal(result.getObject(c)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** Numbers as decimals, dates as text: the two drivers choose different classes. */
  private static Object normal(Object value) {
    return switch (value) {
      case null -> null;
      case BigDecimal d -> d;
      case Double d -> new BigDecimal(d.toString());
      case Number n -> new BigDecimal(n.toString());
      default -> value.toString();
    };
  }
}

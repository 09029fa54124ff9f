package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The stock Arrow Flight SQL JDBC driver as applications use it. */
@ParameterizedClass
@MethodSource("dev.sheaf.systemtests.SqlServers#chosen")
final class JdbcDriverTest {
  private static SqlServer server;

  @Parameter SqlServers kind;
  private Connection connection;

  @BeforeParameterizedClassInvocation
  static void start(SqlServers kind) {
    server = kind.start();
    server.createDatabase("shop");
    server.createDatabase("other");
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    server.close();
  }

  @BeforeEach
  void clean() throws SQLException {
    connection = server.connect("shop");
    update("DROP TABLE IF EXISTS item");
    update(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(10,2),"
            + " day DATE, weight DOUBLE PRECISION, sold BOOLEAN DEFAULT FALSE)");
  }

  private int update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private List<List<Object>> query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return all(rows);
    }
  }

  private static List<List<Object>> all(ResultSet rows) throws SQLException {
    List<List<Object>> result = new ArrayList<>();
    while (rows.next()) {
      List<Object> row = new ArrayList<>();
      for (int c = 1; c <= rows.getMetaData().getColumnCount(); c++) {
        row.add(rows.getObject(c));
      }
      result.add(row);
    }
    return result;
  }

  @Test
  void definesChangesAndReads() throws SQLException {
    assertThat(update("INSERT INTO item (id, name, price) VALUES (1, 'pen', 1.50), (2, 'ink', 7)"))
        .isEqualTo(2);
    assertThat(update("UPDATE item SET price = price * 2 WHERE name = 'pen'")).isEqualTo(1);
    assertThat(query("SELECT id, name, price, day, sold FROM item ORDER BY id"))
        .containsExactly(
            java.util.Arrays.asList(1, "pen", new BigDecimal("3.00"), null, false),
            java.util.Arrays.asList(2, "ink", new BigDecimal("7.00"), null, false));
    assertThat(update("DELETE FROM item WHERE id = 2")).isEqualTo(1);
    assertThat(query("SELECT count(*) FROM item")).containsExactly(List.of(1L));
    assertThat(query("SELECT * FROM item WHERE id = 99")).isEmpty();
  }

  @Test
  void bindsParametersAndBatches() throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO item (id, name, price, day, weight) VALUES (?, ?, ?, ?, ?)")) {
      for (int i = 1; i <= 100; i++) {
        insert.setInt(1, i);
        insert.setString(2, "item " + i);
        insert.setBigDecimal(3, new BigDecimal(i).setScale(2));
        insert.setDate(4, Date.valueOf("2026-01-01"));
        insert.setDouble(5, i / 4.0);
        insert.addBatch();
      }
      insert.executeBatch();
    }
    try (PreparedStatement select =
        connection.prepareStatement("SELECT name, weight FROM item WHERE id = ?")) {
      for (int id : new int[] {7, 100}) {
        select.setInt(1, id);
        try (ResultSet rows = select.executeQuery()) {
          assertThat(all(rows)).containsExactly(List.of("item " + id, id / 4.0));
        }
      }
    }
    assertThat(query("SELECT sum(price), min(day) FROM item").get(0).get(0))
        .isEqualTo(new BigDecimal("5050.00"));
  }

  @Test
  void aBatchIsAtomic() throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO item (id, name) VALUES (?, ?)")) {
      for (int id : new int[] {1, 2, 1}) {
        insert.setInt(1, id);
        insert.setString(2, "x");
        insert.addBatch();
      }
      assertThatThrownBy(insert::executeBatch).hasStackTraceContaining("[23505]");
    }
    assertThat(query("SELECT count(*) FROM item")).containsExactly(List.of(0L));
  }

  @Test
  void runsDmlOnTheQueryPathExactlyOnce() throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO item (id, name) VALUES (5, 'once')")) {
      insert.execute();
    }
    assertThat(query("SELECT count(*) FROM item WHERE id = 5")).containsExactly(List.of(1L));
    assertThat(query("INSERT INTO item (id, name) VALUES (6, 'back') RETURNING id, name"))
        .containsExactly(List.of(6, "back"));
  }

  @Test
  void controlsTransactionsBySqlText() throws SQLException {
    update("BEGIN");
    update("INSERT INTO item (id, name) VALUES (1, 'a')");
    assertThat(query("SELECT count(*) FROM item")).containsExactly(List.of(1L));
    try (Connection other = server.connect("shop");
        Statement statement = other.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM item")) {
      assertThat(all(rows)).containsExactly(List.of(0L));
    }
    update("ROLLBACK");
    assertThat(query("SELECT count(*) FROM item")).containsExactly(List.of(0L));
    update("BEGIN");
    update("INSERT INTO item (id, name) VALUES (1, 'a')");
    update("COMMIT");
    assertThat(query("SELECT count(*) FROM item")).containsExactly(List.of(1L));
  }

  @Test
  void tellsErrorsWithSqlStateHintAndPosition() {
    assertThatThrownBy(() -> query("SELECT nmae FROM item"))
        .isInstanceOf(SQLException.class)
        .hasStackTraceContaining("[42703]")
        .hasStackTraceContaining("name");
    assertThatThrownBy(() -> query("SELEC 1")).hasStackTraceContaining("[42601]");
    assertThatThrownBy(() -> server.connect("nowhere").createStatement().executeQuery("SELECT 1"))
        .hasStackTraceContaining("[3D000]")
        .hasStackTraceContaining("shop");
  }

  @Test
  void answersMetadata() throws SQLException {
    DatabaseMetaData meta = connection.getMetaData();
    try (ResultSet tables = meta.getTables(null, null, "it%", new String[] {"TABLE"})) {
      assertThat(tables.next()).isTrue();
      assertThat(tables.getString("TABLE_NAME")).isEqualTo("item");
      assertThat(tables.getString("TABLE_SCHEM")).isEqualTo("public");
      assertThat(tables.next()).isFalse();
    }
    try (ResultSet columns = meta.getColumns(null, "public", "item", null)) {
      List<String> names = new ArrayList<>();
      while (columns.next()) {
        names.add(columns.getString("COLUMN_NAME") + " " + columns.getInt("DATA_TYPE"));
      }
      assertThat(names)
          .containsExactly("id 4", "name 12", "price 3", "day 91", "weight 8", "sold 16");
    }
    try (ResultSet keys = meta.getPrimaryKeys(null, "public", "item")) {
      assertThat(keys.next()).isTrue();
      assertThat(keys.getString("COLUMN_NAME")).isEqualTo("id");
    }
    try (ResultSet catalogs = meta.getCatalogs()) {
      List<String> names = new ArrayList<>();
      while (catalogs.next()) {
        names.add(catalogs.getString(1));
      }
      assertThat(names).contains("shop");
    }
  }

  /** Tools call whatever they like: no getter without arguments may throw. */
  @Test
  void everyPropertyOfTheDatabaseIsAnswered() throws Exception {
    DatabaseMetaData meta = connection.getMetaData();
    List<String> failures = new ArrayList<>();
    for (Method method : DatabaseMetaData.class.getMethods()) {
      if (method.getParameterCount() == 0) {
        try {
          method.invoke(meta);
        } catch (InvocationTargetException e) {
          // The driver's own gaps, which no server can fill.
          boolean driversOwn =
              e.getCause() instanceof UnsupportedOperationException
                  || String.valueOf(e.getCause().getMessage()).contains("not implemented");
          if (driversOwn) {
            continue;
          }
          failures.add(method.getName() + ": " + e.getCause());
        }
      }
    }
    assertThat(failures).isEmpty();
  }
}

package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad statements of {@code bad-input.csv}: each gets its SQLSTATE, changes nothing, and leaves the
 * session usable.
 */
@ParameterizedClass
@MethodSource("dev.sheaf.systemtests.SqlServers#chosen")
record BadInputTest(SqlServers kind) {
  private static SqlServer server;
  private static SqlClient client;

  @BeforeParameterizedClassInvocation
  static void start(SqlServers kind) {
    server = kind.start();
    server.createDatabase("bad");
    client = server.client("bad");
    run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n SMALLINT NOT NULL, d DECIMAL(5,2), v VARCHAR(3), day DATE, CHECK (n < 100))");
    run("INSERT INTO t VALUES (1, 1, 1.5, 'abc', DATE '2020-01-01'), (2, 2, NULL, NULL, NULL)");
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    client.close();
    server.close();
  }

  private static List<String[]> run(String sql) {
    List<String[]> rows = new ArrayList<>();
    client.execute(sql, new RowTexts(rows));
    return rows;
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvFileSource(resources = "/bad-input.csv", delimiter = '|', maxCharsPerColumn = 100_000)
  void isRefusedWithItsSqlState(String sqlState, String sql) {
    SqlException refused = catchThrowableOfType(SqlException.class, () -> run(sql));
    assertThat(refused).as("refused: %s", sql).isNotNull();
    assertThat(refused.error().sqlState()).as(refused.error().message()).isEqualTo(sqlState);
    assertThat(run("SELECT count(*), sum(id) FROM t")).containsExactly(new String[] {"2", "3"});
  }

  @Test
  void hugeAndDeepStatementsAreRefused() {
    assertState("54000", "SELECT '" + "x".repeat(2 << 20) + "'");
    assertState("54001", "SELECT " + "(".repeat(20_000) + "1" + ")".repeat(20_000));
    assertState("54001", "SELECT " + "NOT ".repeat(20_000) + "TRUE");
    assertThat(run("SELECT 1")).hasSize(1);
  }

  @Test
  void aQueryOverItsMemoryFailsAlone() {
    run("SET query_memory_mb = 16");
    try {
      assertState(
          "53200",
          "SELECT count(DISTINCT a.id * 1000000000000 + b.id * 1000000 + c.id) FROM "
              + numbers("a")
              + ", "
              + numbers("b")
              + ", "
              + numbers("c"));
    } finally {
      run("RESET query_memory_mb");
    }
    assertThat(run("SELECT count(*) FROM t").get(0)[0]).isEqualTo("2");
  }

  private static String numbers(String alias) {
    StringBuilder values = new StringBuilder("(VALUES (0)");
    for (int i = 1; i < 150; i++) {
      values.append(",(").append(i).append(')');
    }
    return values + ") AS " + alias + "(id)";
  }

  private static void assertState(String sqlState, String sql) {
    SqlException refused = catchThrowableOfType(SqlException.class, () -> run(sql));
    assertThat(refused).isNotNull();
    assertThat(refused.error().sqlState()).as(refused.error().message()).isEqualTo(sqlState);
  }
}

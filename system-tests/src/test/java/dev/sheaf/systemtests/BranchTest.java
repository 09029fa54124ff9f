package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.error.CliException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Branches as users meet them: through REST and JDBC, on one process and on a cluster. */
final class BranchTest {
  private static final int ROWS = 2_000;
  private static final int WAIT_SECONDS = 30;

  @TestFactory
  Stream<DynamicTest> onEveryServer() {
    return SqlServers.chosen().stream()
        .map(kind ->
            DynamicTest.dynamicTest(
                kind.toString(),
                () -> {
                  try (SqlServer server = kind.start()) {
                    branchesGoTheirOwnWay(server);
                    aRestoreBringsBackWhatWas(server);
                  }
                }));
  }

  private static void run(SqlServer server, String database, String... statements)
      throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.executeUpdate(sql);
      }
    }
  }

  private static List<Long> query(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, "tester", "secret");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      var answer = new ArrayList<Long>();
      while (rows.next()) {
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          answer.add(rows.getLong(i));
        }
      }
      return answer;
    }
  }

  /** Rows with blanks between the columns, by JDBC. */
  private static List<String> differences(SqlServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("shop");
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet rows = statement.executeQuery()) {
      var answer = new ArrayList<String>();
      while (rows.next()) {
        var row = new StringJoiner(" ");
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        answer.add(row.toString());
      }
      return answer;
    }
  }

  private static void branchesGoTheirOwnWay(SqlServer server) throws SQLException {
    server.createDatabase("shop");
    String sums = "SELECT count(*), sum(id), sum(v) FROM t";
    run(
        server,
        "shop",
        "CREATE TABLE t (id BIGINT PRIMARY KEY, v BIGINT)",
        "CREATE TABLE log (v BIGINT)",
        "INSERT INTO t (id, v) VALUES "
            + IntStream.rangeClosed(1, ROWS)
                .mapToObj(n -> "(" + n + ", " + n + ")")
                .collect(Collectors.joining(", ")),
        "INSERT INTO log VALUES (1), (2)",
        "DELETE FROM t WHERE id <= 10");
    List<Long> before = query(server.jdbcUrl("shop"), sums);

    JsonNode dev = server.rest().createBranch("shop", "dev", Optional.empty());
    assertThat(dev.path("state").asText()).isEqualTo("ready");
    String dev1 = server.jdbcUrl("shop@dev");
    String dev2 = server.jdbcUrl("shop") + "&branch=dev";
    assertThat(query(dev1, sums)).isEqualTo(before);
    assertThat(query(dev2, sums)).isEqualTo(before);

    // Each goes its own way, the schema as well as the rows; rows without a key stay apart.
    run(
        server,
        "shop",
        "UPDATE t SET v = v + 1000000",
        "INSERT INTO log VALUES (3)",
        "DROP TABLE t");
    run(
        server,
        "shop@dev",
        "DELETE FROM t WHERE id <= 20",
        "INSERT INTO t VALUES (1, 1), (900000, 0)",
        "INSERT INTO log VALUES (4), (5)",
        "ALTER TABLE t ADD COLUMN w BIGINT DEFAULT 7");
    assertThat(query(dev1, "SELECT count(*), min(id), max(id), max(v), sum(w) FROM t"))
        .containsExactly(ROWS - 18L, 1L, 900_000L, (long) ROWS, (ROWS - 18L) * 7);
    assertThat(query(dev1, "SELECT v FROM t WHERE id = 25")).containsExactly(25L);
    assertThat(query(dev1, "SELECT v FROM log ORDER BY v")).containsExactly(1L, 2L, 4L, 5L);
    assertThat(query(server.jdbcUrl("shop"), "SELECT v FROM log ORDER BY v"))
        .containsExactly(1L, 2L, 3L);
    assertThatThrownBy(() -> query(server.jdbcUrl("shop"), sums)).hasMessageContaining("42P01");
    assertThatThrownBy(() -> run(server, "shop@dev", "INSERT INTO t (id) VALUES (25)"))
        .hasMessageContaining("23505");

    assertThat(differences(server, "SHOW DIFF TO 'shop@dev'"))
        .containsExactly("public log null 2 1 0", "public t table added " + (ROWS - 18) + " 0 0");
    assertThat(differences(server, "SHOW DIFF TABLE log FROM 'shop@dev' TO shop"))
        .containsExactlyInAnyOrder("added null 3", "removed 4 null", "removed 5 null");

    for (String database : List.of("shop", "shop@dev")) {
      var lines = new ArrayList<JsonNode>();
      server.rest().check(database, lines::add);
      assertThat(lines.getLast().at("/result/findings").asLong(-1)).as("%s", lines).isZero();
      assertThat(server.rest().sweepPlan(database).path("objects").isArray()).isTrue();
    }

    assertThatThrownBy(() -> server.rest().deleteDatabase("shop"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("shop@dev");
    server.rest().deleteDatabase("shop@dev");
    assertThat(server.rest().branches("shop")).isEmpty();
  }

  private static void aRestoreBringsBackWhatWas(SqlServer server) throws SQLException {
    run(server, "shop", "CREATE TABLE u (k INTEGER PRIMARY KEY)", "INSERT INTO u VALUES (1), (2)");
    String moment = moment(server);
    run(server, "shop", "DELETE FROM u", "INSERT INTO u VALUES (3)");

    JsonNode restored = server.rest().restore("shop", moment, Optional.of("mistake"));
    assertThat(restored.path("name").asText()).isEqualTo("shop");
    String keys = "SELECT k FROM u ORDER BY k";
    awaitRows(server, "shop", keys, List.of(1L, 2L));
    awaitRows(server, "shop@mistake", keys, List.of(3L));

    // What it had become can be had once more: a branch of it, reset after a change.
    server.rest().createBranch("shop@mistake", "again", Optional.empty());
    run(server, "shop@mistake", "INSERT INTO u VALUES (4)");
    assertThat(query(server.jdbcUrl("shop@again"), keys)).containsExactly(3L);
    server.rest().reset("shop@again");
    awaitRows(server, "shop@again", keys, List.of(3L, 4L));
  }

  /**
   * A moment by the database's clock that what was done is at or before, and what will be is after:
   * its millisecond is over. That clock may be ahead of everybody's, after a shard has moved.
   */
  private static String moment(SqlServer server) {
    Instant moment = probe(server);
    await(() -> probe(server).isAfter(moment));
    return moment.toString();
  }

  private static Instant probe(SqlServer server) {
    JsonNode probe = server.rest().createBranch("shop", "probe", Optional.empty());
    server.rest().deleteDatabase("shop@probe");
    return Instant.parse(probe.path("branched_at").asText());
  }

  /** In a cluster a name's new bearer is known everywhere a moment later. */
  private static void awaitRows(SqlServer server, String database, String sql, List<Long> rows) {
    await(() -> {
      try {
        return query(server.jdbcUrl(database), sql).equals(rows);
      } catch (SQLException e) {
        return false;
      }
    });
  }

  private static void await(Callable<Boolean> reached) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    try {
      while (!reached.call()) {
        assertThat(System.nanoTime() - end).as("nanoseconds too late").isNegative();
        Thread.sleep(20);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

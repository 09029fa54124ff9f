package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.command.BackupCommand;
import dev.sheaf.cli.command.BranchCommand;
import dev.sheaf.cli.error.CliException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

/** Backups as users meet them: through REST, the command line and JDBC. */
final class BackupTest {
  private static final int ROWS = 2_000;
  private static final int WAIT_SECONDS = 30;
  private static final String SUMS = "SELECT count(*), sum(id), sum(v) FROM t";

  private static void run(SqlServer server, String database, String... statements)
      throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.executeUpdate(sql);
      }
    }
  }

  private static List<Long> sums(SqlServer server, String database) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SUMS)) {
      assertThat(rows.next()).isTrue();
      return List.of(rows.getLong(1), rows.getLong(2), rows.getLong(3));
    }
  }

  private static void fill(SqlServer server) throws SQLException {
    server.createDatabase("shop");
    run(
        server,
        "shop",
        "CREATE TABLE t (id BIGINT PRIMARY KEY, v BIGINT)",
        "INSERT INTO t (id, v) VALUES "
            + IntStream.rangeClosed(1, ROWS)
                .mapToObj(n -> "(" + n + ", " + n + ")")
                .collect(Collectors.joining(", ")));
  }

  private static List<String> backups(SqlServer server, String database) {
    var names = new ArrayList<String>();
    server.rest().backups(database).forEach(each -> names.add(each.path("name").asText()));
    return names;
  }

  @TestFactory
  Stream<DynamicTest> onEveryServer() {
    return SqlServers.chosen().stream()
        .map(kind ->
            DynamicTest.dynamicTest(
                kind.toString(),
                () -> {
                  try (SqlServer server = kind.start()) {
                    whatWasComesBack(server);
                  }
                }));
  }

  private static void whatWasComesBack(SqlServer server) throws SQLException, InterruptedException {
    fill(server);
    run(server, "shop", "DELETE FROM t WHERE id <= 10");
    List<Long> before = sums(server, "shop");
    JsonNode backup = server.rest().createBackup("shop", "nightly", Optional.empty());
    assertThat(backup.path("state").asText()).isEqualTo("ready");
    run(
        server,
        "shop",
        "UPDATE t SET v = v + 1000000",
        "DELETE FROM t WHERE id > 100",
        "ALTER TABLE t ADD COLUMN w BIGINT");
    List<Long> after = sums(server, "shop");
    assertThat(server.rest().databases())
        .noneMatch(each -> each.path("name").asText().contains("nightly"));
    assertThatThrownBy(() -> sums(server, "shop~nightly"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("names a backup, to which nobody connects");

    server.rest().createBranchOfBackup("shop", "look", "nightly");
    assertThat(sums(server, "shop@look")).isEqualTo(before);
    run(server, "shop@look", "UPDATE t SET v = 0");
    JsonNode restored = server.rest().restoreBackup("shop", "nightly", Optional.of("mistake"));
    assertThat(restored.path("name").asText()).isEqualTo("shop");
    awaitSums(server, "shop", before);
    awaitSums(server, "shop@mistake", after);
    assertThat(backups(server, "shop")).containsExactly("nightly");

    for (String database : List.of("shop", "shop@look", "shop@mistake")) {
      var lines = new ArrayList<JsonNode>();
      server.rest().check(database, lines::add);
      assertThat(lines.getLast().at("/result/findings").asLong(-1)).as("%s", lines).isZero();
    }
    for (String kept : List.of("shop", "shop@mistake")) {
      assertThatThrownBy(() -> server.rest().deleteDatabase(kept))
          .isInstanceOf(CliException.class)
          .hasMessageContaining("shop~nightly");
    }
    server.rest().deleteBackup("shop", "nightly");
    assertThat(backups(server, "shop")).isEmpty();
    assertThat(sums(server, "shop")).isEqualTo(before);
    assertThat(sums(server, "shop@look").subList(0, 2)).isEqualTo(before.subList(0, 2));
    for (String database : List.of("shop@look", "shop", "shop@mistake")) {
      server.rest().deleteDatabase(database);
    }
  }

  /** In a cluster a name's new bearer is known everywhere a moment later. */
  private static void awaitSums(SqlServer server, String database, List<Long> sums)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      try {
        if (sums(server, database).equals(sums)) {
          return;
        }
      } catch (SQLException e) {
        // Its column is of the other bearer of the name, or the name is on its way.
      }
      assertThat(System.nanoTime() - end).as("nanoseconds too late").isNegative();
      Thread.sleep(20);
    }
  }

  @Test
  void theCommandLine() throws SQLException {
    try (SheafServer server = SheafServer.throwAway()) {
      fill(server);
      String port = "--http-port=" + server.addresses().httpPort();
      List<Long> before = sums(server, "shop");
      var backup = new CommandLine(new BackupCommand());
      assertThat(backup.execute("create", "shop", "nightly", port)).isZero();
      String at = server.rest().backups("shop").getFirst().path("at").asText();
      assertThat(backup.execute("create", "shop", "again", "--at", at, port)).isZero();
      assertThat(backup.execute("list", "shop", port)).isZero();
      assertThat(backups(server, "shop")).containsExactly("again", "nightly");
      run(server, "shop", "DELETE FROM t");

      var branch = new CommandLine(new BranchCommand());
      assertThat(branch.execute("create", "shop", "dev", "--backup", "nightly", port)).isZero();
      assertThat(sums(server, "shop@dev")).isEqualTo(before);
      assertThat(branch.execute("create", "shop", "x", "--backup", "nightly", "--at", at, port))
          .as("one of the two")
          .isEqualTo(CommandLine.ExitCode.USAGE);
      assertThat(backup.execute("restore", "shop", "nightly", "--keep-as", "empty", port)).isZero();
      assertThat(sums(server, "shop")).isEqualTo(before);
      assertThat(backup.execute("delete", "shop", "again", port)).isZero();
      assertThat(backups(server, "shop")).containsExactly("nightly");
      assertThat(backup.execute("delete", "shop", "again", port)).isNotZero();
    }
  }
}

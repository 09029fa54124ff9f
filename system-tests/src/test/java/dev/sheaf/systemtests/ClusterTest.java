package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.cluster.ClusterOptions;
import dev.sheaf.cli.cluster.LocalCluster;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of processes on a real etcd and an S3 store: a client goes on inserting while one
 * process after the other is killed, and finds every acknowledged row at the end.
 */
final class ClusterTest {
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final int ROWS_BETWEEN_KILLS = 20;
  private static final long PATIENCE_SECONDS = 120;

  private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();

  /** Sent, but nobody knows whether they were carried out. */
  private final Set<Long> uncertain = new ConcurrentSkipListSet<>();

  private final AtomicBoolean done = new AtomicBoolean();

  @TempDir Path folder;

  @Test
  void losesNothingWhenSingleProcessesDie() throws Exception {
    Path root = Path.of("..").toAbsolutePath().normalize();
    System.setProperty("sheaf.home", root.toString());
    System.setProperty(
        "sheaf.server.jar",
        root.resolve("deploy/server/target/quarkus-app/quarkus-run.jar").toString());
    LocalCluster cluster =
        LocalCluster.create(
            new ClusterOptions(folder, 0, 0, 3, 2, 1, 1, List.of(), 1, null, List.of()));
    cluster.start(SILENT);
    try {
      String url =
          "jdbc:arrow-flight-sql://"
              + cluster.state().flight().getFirst()
              + "/?useEncryption=false&database=shop";
      var rest = new RestClient("127.0.0.1", cluster.state().http());
      rest.createDatabase("shop");
      try (Connection connection = connect(url);
          Statement statement = connection.createStatement()) {
        statement.executeUpdate("CREATE TABLE t (id BIGINT PRIMARY KEY)");
      }
      Thread writer = Thread.ofVirtual().start(() -> write(url));
      awaitProgress();
      for (String victim : List.of("safekeeper-2", owner(rest), "control-1")) {
        cluster.kill(victim);
        awaitProgress();
        cluster.startNode(victim);
        awaitProgress();
      }
      done.set(true);
      assertThat(writer.join(java.time.Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
      Set<Long> found = read(url);
      assertThat(found).containsAll(acknowledged);
      acknowledged.addAll(uncertain);
      assertThat(acknowledged).containsAll(found);
    } finally {
      cluster.stop();
    }
  }

  private static String owner(RestClient rest) {
    return rest.cluster().path("shards").path(0).path("owner").asText();
  }

  private void awaitProgress() throws InterruptedException {
    int goal = acknowledged.size() + ROWS_BETWEEN_KILLS;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (acknowledged.size() < goal) {
      assertThat(System.nanoTime()).as("rows arrive: %d", acknowledged.size()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void write(String url) {
    for (long id = 0; !done.get(); id++) {
      try (Connection connection = connect(url);
          Statement statement = connection.createStatement()) {
        for (; !done.get(); id++) {
          uncertain.add(id);
          statement.executeUpdate("INSERT INTO t VALUES (" + id + ")");
          acknowledged.add(id);
        }
      } catch (SQLException e) {
        // Whether this row is there, the next ids do not depend on.
        uncertain.add(id);
      }
    }
  }

  private static Set<Long> read(String url) throws SQLException {
    var found = new ConcurrentSkipListSet<Long>();
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
      while (rows.next()) {
        assertThat(found.add(rows.getLong(1))).as("row %d twice", rows.getLong(1)).isTrue();
      }
    }
    return found;
  }

  private static Connection connect(String url) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "tester");
    login.setProperty("password", "secret");
    return DriverManager.getConnection(url, login);
  }
}

package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed with SIGKILL again and again under load. Each transaction writes {@link
 * #ROWS_EACH} rows of one group; after each restart every acknowledged group is there in full, none
 * twice, and no group in part.
 */
final class CrashTest {
  private static final int KILLS = Integer.getInteger("crash.kills", 20);
  private static final int SAFEKEEPERS = Integer.getInteger("crash.safekeepers", 1);
  private static final int CLIENTS = 4;
  private static final int ROWS_EACH = 3;
  private static final long SEED = Long.getLong("crash.seed", 20_260_001L);

  @TempDir Path data;

  private final AtomicLong nextGroup = new AtomicLong();
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Exception> lastFailure = new AtomicReference<>();

  @Test
  void losesNothingThatWasAcknowledged() throws Exception {
    Random random = new Random(SEED);
    // A small flush size, so that kills meet flushes and manifests too.
    try (SheafServer server =
        SheafServer.on(data, "1g", "sheaf.flush-size=256K", "sheaf.safekeepers=" + SAFEKEEPERS)) {
      server.createDatabase("crash");
      try (Connection connection = server.connect("crash");
          Statement statement = connection.createStatement()) {
        statement.executeUpdate(
            "CREATE TABLE entry (id BIGINT PRIMARY KEY, grp BIGINT NOT NULL, note VARCHAR)");
      }
      for (int kill = 0; kill < KILLS; kill++) {
        runUntilKilled(server, random.nextInt(800));
        server.restart();
        checkInTime(server, "after kill " + kill + " with seed " + SEED);
      }
      assertThat(acknowledged).as("the load did something").hasSizeGreaterThan(KILLS);
    }
  }

  private void runUntilKilled(SheafServer server, int millis) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (LoadThreads clients = new LoadThreads()) {
      for (int c = 0; c < CLIENTS; c++) {
        boolean updates = c == 0;
        clients.start(() -> load(server, stop, updates));
      }
      awaitLoad(clients, acknowledged.size() + 2 * CLIENTS);
      Thread.sleep(millis);
      server.kill();
      stop.set(true);
      clients.awaitEnd(Duration.ofMinutes(3));
    } finally {
      stop.set(true);
    }
  }

  /** A start is cold and the machine may stall: the kill is to meet work, not idleness. */
  private void awaitLoad(LoadThreads clients, int acknowledgements) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (acknowledged.size() < acknowledgements) {
      if (System.nanoTime() > deadline) {
        fail(
            "%d of %d acknowledged; last failure: %s; %s",
            acknowledged.size(), acknowledgements, lastFailure.get(), clients.whereabouts());
      }
      Thread.sleep(10);
    }
  }

  private Void load(SheafServer server, AtomicBoolean stop, boolean updates) {
    try (Connection connection = server.connect("crash");
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO entry (id, grp, note) VALUES (?, ?, ?)");
        Statement statement = connection.createStatement()) {
      while (!stop.get()) {
        long group = nextGroup.getAndIncrement();
        if (updates && group % 2 == 0) {
          statement.executeUpdate("BEGIN");
        }
        for (int i = 0; i < ROWS_EACH; i++) {
          insert.setLong(1, group * ROWS_EACH + i);
          insert.setLong(2, group);
          insert.setString(3, "row " + i + " of group " + group);
          insert.addBatch();
        }
        insert.executeBatch();
        if (updates && group % 2 == 0) {
          statement.executeUpdate("UPDATE entry SET note = 'changed' WHERE grp = " + group);
          statement.executeUpdate("COMMIT");
        }
        acknowledged.add(group);
      }
    } catch (SQLException | RuntimeException killed) {
      // The server died under the call: the group's outcome is unknown, which the check allows for.
      lastFailure.set(killed);
      return null;
    }
    return null;
  }

  private void checkInTime(SheafServer server, String when) throws Exception {
    try (LoadThreads reader = new LoadThreads()) {
      reader.start(() -> check(server, when));
      reader.awaitEnd(Duration.ofMinutes(3));
    }
  }

  private Void check(SheafServer server, String when) throws SQLException {
    Map<Long, Integer> rowsByGroup = new HashMap<>();
    try (Connection connection = server.connect("crash");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id, grp FROM entry")) {
      Set<Long> ids = new java.util.HashSet<>();
      while (rows.next()) {
        assertThat(ids.add(rows.getLong(1))).as("id %d once, %s", rows.getLong(1), when).isTrue();
        rowsByGroup.merge(rows.getLong(2), 1, Integer::sum);
      }
    }
    assertThat(rowsByGroup.keySet()).as(when).containsAll(acknowledged);
    assertThat(rowsByGroup.values()).as("whole groups, %s", when).allMatch(n -> n == ROWS_EACH);
    return null;
  }
}

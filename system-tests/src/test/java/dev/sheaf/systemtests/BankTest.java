package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Sixteen clients move money between accounts while readers sum: every sum is the same, no balance
 * is negative.
 */
final class BankTest {
  private static final int CLIENTS = 16;
  private static final int ACCOUNTS = 24;
  private static final int INITIAL = 100;
  private static final int TRANSFERS_EACH = 40;
  private static final long SEED = Long.getLong("bank.seed", 4_711L);

  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong conflicts = new AtomicLong();

  @Test
  void neverShowsAPartOfATransfer() throws Exception {
    try (SheafServer server = SheafServer.throwAway()) {
      server.createDatabase("bank");
      open(server);
      AtomicBoolean done = new AtomicBoolean();
      try (LoadThreads reader = new LoadThreads();
          LoadThreads clients = new LoadThreads()) {
        Future<Long> sums = reader.start(() -> sum(server, done));
        for (int c = 0; c < CLIENTS; c++) {
          Random random = new Random(SEED * 31 + c);
          clients.start(() -> transfer(server, random));
        }
        clients.awaitEnd(Duration.ofMinutes(5));
        done.set(true);
        reader.awaitEnd(Duration.ofMinutes(1));
        assertThat(sums.get()).as("sums taken").isPositive();
      } finally {
        done.set(true);
      }
      assertThat(committed.get())
          .as("transfers, with %d conflicts, seed %d", conflicts.get(), SEED)
          .isEqualTo((long) CLIENTS * TRANSFERS_EACH);
    }
  }

  private static void open(SheafServer server) throws SQLException {
    try (Connection connection = server.connect("bank");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "CREATE TABLE account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0))");
      for (int a = 0; a < ACCOUNTS; a++) {
        statement.executeUpdate("INSERT INTO account VALUES (" + a + ", " + INITIAL + ")");
      }
    }
  }

  private Void transfer(SheafServer server, Random random) throws SQLException {
    try (Connection connection = server.connect("bank");
        Statement statement = connection.createStatement()) {
      for (int t = 0; t < TRANSFERS_EACH; ) {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        try {
          statement.executeUpdate("BEGIN");
          long balance = balance(statement, from);
          long amount = Math.min(balance, 1 + random.nextInt(20));
          long other = balance(statement, to);
          // Absolute values, so that a lost update or a stale read changes the total.
          statement.executeUpdate(
              "UPDATE account SET balance = " + (balance - amount) + " WHERE id = " + from);
          statement.executeUpdate(
              "UPDATE account SET balance = " + (other + amount) + " WHERE id = " + to);
          statement.executeUpdate("COMMIT");
          committed.incrementAndGet();
          t++;
        } catch (SQLException e) {
          if (!e.toString().contains("[40001]")
              && !String.valueOf(e.getCause()).contains("[40001]")) {
            throw e;
          }
          conflicts.incrementAndGet();
          rollback(statement);
        }
      }
    }
    return null;
  }

  private static void rollback(Statement statement) throws SQLException {
    try {
      statement.executeUpdate("ROLLBACK");
    } catch (SQLException noTransaction) {
      // A failed COMMIT has ended the transaction already.
      assertThat(noTransaction.toString()).contains("25P01");
    }
  }

  private static long balance(Statement statement, int account) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("SELECT balance FROM account WHERE id = " + account)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  private static long sum(SheafServer server, AtomicBoolean done) throws SQLException {
    long sums = 0;
    try (Connection connection = server.connect("bank");
        Statement statement = connection.createStatement()) {
      while (!done.get()) {
        try (ResultSet row =
            statement.executeQuery("SELECT sum(balance), count(*), min(balance) FROM account")) {
          assertThat(row.next()).isTrue();
          assertThat(row.getLong(1))
              .as("total, seed %d", SEED)
              .isEqualTo(ACCOUNTS * (long) INITIAL);
          assertThat(row.getLong(2)).isEqualTo(ACCOUNTS);
          assertThat(row.getLong(3)).isNotNegative();
        }
        sums++;
      }
    }
    return sums;
  }
}

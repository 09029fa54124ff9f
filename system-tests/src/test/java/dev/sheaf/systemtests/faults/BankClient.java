package dev.sheaf.systemtests.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * Moves money and sums it: each sum must be the same. Balances are written as absolute values, so a
 * lost update or a stale read changes the sum.
 */
final class BankClient extends Client {
  private static final int ACCOUNTS = 40;
  private static final int INITIAL = 100;

  /** One of so many transactions sums. */
  private static final int SUM_EVERY = 5;

  private final Random random;

  BankClient(String name, Callable<Connection> connector, long seed) {
    super(name, connector);
    this.random = new Random(seed);
  }

  static void open(Statement session) throws SQLException {
    session.executeUpdate(
        "CREATE TABLE account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL"
            + " CHECK (balance >= 0))");
    var rows = new StringBuilder();
    for (int account = 0; account < ACCOUNTS; account++) {
      rows.append(account == 0 ? "" : ", ").append("(%d, %d)".formatted(account, INITIAL));
    }
    session.executeUpdate("INSERT INTO account VALUES " + rows);
  }

  @Override
  void transact(Statement session) throws SQLException {
    if (random.nextInt(SUM_EVERY) == 0) {
      checkSum(session);
      return;
    }
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    session.executeUpdate("BEGIN");
    long balance = balance(session, from);
    long other = balance(session, to);
    long amount = Math.min(balance, 1 + random.nextInt(20));
    update(session, from, balance - amount);
    update(session, to, other + amount);
    session.executeUpdate("COMMIT");
  }

  static void checkSum(Statement session) throws SQLException {
    try (ResultSet row =
        session.executeQuery("SELECT sum(balance), count(*), min(balance) FROM account")) {
      row.next();
      if (row.getLong(1) != (long) ACCOUNTS * INITIAL
          || row.getLong(2) != ACCOUNTS
          || row.getLong(3) < 0) {
        throw new AssertionError(
            "%d accounts with %d in all and %d at least"
                .formatted(row.getLong(2), row.getLong(1), row.getLong(3)));
      }
    }
  }

  private static long balance(Statement session, int account) throws SQLException {
    try (ResultSet row =
        session.executeQuery("SELECT balance FROM account WHERE id = " + account)) {
      if (!row.next()) {
        throw new AssertionError("account " + account + " is gone");
      }
      return row.getLong(1);
    }
  }

  private static void update(Statement session, int account, long balance) throws SQLException {
    session.executeUpdate("UPDATE account SET balance = " + balance + " WHERE id = " + account);
  }
}

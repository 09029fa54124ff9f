package dev.sheaf.systemtests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adds numbers of its own and counts them in the same transaction. What was acknowledged must be
 * there, what was refused must not, and the count tells whether anything was carried out twice. A
 * commit of unknown outcome is asked for by its transaction's id.
 */
final class SetClient extends Client {
  private static final Pattern TRANSACTION =
      Pattern.compile("transaction ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

  /** States after which a commit may have been carried out. */
  private static final Set<String> OPEN = Set.of(Outcome.BROKEN, Outcome.UNKNOWN, "57014", "57P01");

  private final int number;
  private long next;
  private boolean committing;

  private final Set<Long> acknowledged = new HashSet<>();
  private final Set<Long> refused = new HashSet<>();
  private final List<Unknown> unknown = new ArrayList<>();

  /**
   * @param transaction empty if the client never learnt it
   */
  private record Unknown(long value, String transaction) {}

  SetClient(int number, Callable<Connection> connector) {
    super("set-" + number, connector);
    this.number = number;
  }

  static void open(Statement session, int clients) throws SQLException {
    session.executeUpdate(
        "CREATE TABLE entry (client INTEGER, value BIGINT, PRIMARY KEY (client, value))");
    session.executeUpdate("CREATE TABLE tally (client INTEGER PRIMARY KEY, n BIGINT NOT NULL)");
    for (int client = 0; client < clients; client++) {
      session.executeUpdate("INSERT INTO tally VALUES (" + client + ", 0)");
    }
  }

  @Override
  void transact(Statement session) throws SQLException {
    next++;
    committing = false;
    session.executeUpdate("BEGIN");
    session.executeUpdate("INSERT INTO entry VALUES (%d, %d)".formatted(number, next));
    session.executeUpdate("UPDATE tally SET n = n + 1 WHERE client = " + number);
    committing = true;
    session.executeUpdate("COMMIT");
    acknowledged.add(next);
  }

  @Override
  void failed(Outcome outcome) {
    if (!committing || !OPEN.contains(outcome.sqlState())) {
      refused.add(next);
      return;
    }
    Matcher id = TRANSACTION.matcher(outcome.error());
    unknown.add(new Unknown(next, id.find() ? id.group(1) : ""));
  }

  /**
   * Asks for outcomes and compares with what is there; call after the client has ended.
   *
   * @return outcomes that were unknown and could be asked for
   */
  int verify(Statement session) throws SQLException, InterruptedException {
    int resolved = 0;
    var open = new HashSet<Long>();
    for (Unknown each : unknown) {
      switch (each.transaction().isEmpty() ? "" : status(session, each.transaction())) {
        case "committed" -> acknowledged.add(each.value());
        case "aborted" -> refused.add(each.value());
        default -> open.add(each.value());
      }
      resolved += each.transaction().isEmpty() ? 0 : 1;
    }
    var found = new HashSet<Long>();
    try (ResultSet rows =
        session.executeQuery("SELECT value FROM entry WHERE client = " + number)) {
      while (rows.next()) {
        assertThat(found.add(rows.getLong(1))).as("%s: once", name()).isTrue();
      }
    }
    assertThat(found).as("%s: acknowledged", name()).containsAll(acknowledged);
    assertThat(refused).as("%s: refused", name()).noneMatch(found::contains);
    acknowledged.addAll(open);
    assertThat(acknowledged).as("%s: sent", name()).containsAll(found);
    try (ResultSet row = session.executeQuery("SELECT n FROM tally WHERE client = " + number)) {
      row.next();
      assertThat(row.getLong(1)).as("%s: each counted once", name()).isEqualTo(found.size());
    }
    acknowledged.retainAll(found);
    unknown.clear();
    return resolved;
  }

  private static String status(Statement session, String transaction)
      throws SQLException, InterruptedException {
    long end = System.nanoTime() + FaultCluster.PATIENCE.toNanos();
    while (true) {
      try (ResultSet row =
          session.executeQuery("SELECT sheaf_transaction_status('" + transaction + "')")) {
        row.next();
        String status = row.getString(1);
        if (!status.equals("in progress")) {
          return status;
        }
      }
      assertThat(System.nanoTime()).as("%s is in progress", transaction).isLessThan(end);
      Thread.sleep(50);
    }
  }
}

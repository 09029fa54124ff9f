package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ORDER BY with a limit reads less than without one, and gives the same rows: over segments, a
 * tail, rows that were changed since, and the transaction's own.
 */
class TopRowsTest {
  private static final int ROWS = 3_000;
  private static final List<String> ORDERS =
      List.of(
          "id",
          "id DESC",
          "g, id",
          "g DESC, id DESC",
          "g, id DESC",
          "g DESC, v, id",
          "v, id",
          "v DESC, id",
          "v NULLS FIRST, id DESC",
          "v DESC NULLS LAST, id",
          "s, id",
          "s DESC NULLS FIRST, id",
          "d, id",
          "d DESC, id",
          "v + 1, id");
  private static final List<String> FILTERS =
      List.of(
          "TRUE",
          "id >= %d",
          "id < %d",
          "g = 3",
          "g = 3 AND id > %d",
          "g >= 2 AND id BETWEEN %d - 500 AND %<d",
          "v IS NULL",
          "v > 40 AND s < 'm'",
          "id %% 97 = 5");

  /** One worker: what is read first tells how much of the rest has to be. */
  private final SqlScript script =
      new SqlScript(ComputeConfig.defaults(256L << 20, 1, "Sheaf test"));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aLimitTakesTheFirstOfAllRows(long seed) {
    try (script) {
      var random = new Random(seed);
      SqlSession session = script.session("a");
      session.execute(
          "CREATE TABLE t (g INT, id BIGINT, v INT, s VARCHAR, d DOUBLE PRECISION,"
              + " PRIMARY KEY (g, id))",
          null,
          Cancel.NEVER);
      for (int part = 0; part < 4; part++) {
        insert(session, random, part);
        if (part < 3) {
          script.run("flush");
        }
        change(session, random);
      }
      compare(session, random, seed);
      session.execute("BEGIN", null, Cancel.NEVER);
      change(session, random);
      insert(session, random, 4);
      compare(session, random, seed);
    }
  }

  /** Ninths of a column: all of the tail, a few of the transaction's own rows. */
  private static int nulls(int part) {
    return part == 3 ? 9 : part == 4 ? 1 : 0;
  }

  private static void insert(SqlSession session, Random random, int part) {
    var sql = new StringBuilder("INSERT INTO t VALUES ");
    for (int i = 0; i < ROWS / 4; i++) {
      sql.append(i == 0 ? "" : ", ")
          .append(
              "(%d, %d, %s, %s, %s)"
                  .formatted(
                      random.nextInt(6),
                      (long) i * 5 + part,
                      random.nextInt(9) < nulls(part) ? "NULL" : random.nextInt(100),
                      random.nextInt(9) == 0 ? "NULL" : "'" + text(random) + "'",
                      random.nextInt(50) == 0 ? "'NaN'" : random.nextInt(1000) - 500));
    }
    session.execute(sql.toString(), null, Cancel.NEVER);
  }

  /** Many of them share their first eight bytes. */
  private static String text(Random random) {
    return (random.nextBoolean() ? "long-prefix-" : "") + (char) ('a' + random.nextInt(26));
  }

  private static void change(SqlSession session, Random random) {
    int rest = random.nextInt(11);
    session.execute("DELETE FROM t WHERE id % 11 = " + rest, null, Cancel.NEVER);
    session.execute(
        "UPDATE t SET v = v + 50, s = 'changed' WHERE id % 7 = " + rest % 7, null, Cancel.NEVER);
  }

  private static void compare(SqlSession session, Random random, long seed) {
    for (String order : ORDERS) {
      for (String filter : FILTERS) {
        String where = filter.formatted(random.nextInt(ROWS));
        String sql =
            "SELECT g, id, v, s, d FROM t WHERE " + where + " ORDER BY " + order + rest(order);
        List<String> all = rows(session, sql);
        int limit = random.nextInt(4) == 0 ? random.nextInt(1_000) : random.nextInt(20);
        int offset = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
        assertThat(rows(session, sql + " LIMIT " + limit + " OFFSET " + offset))
            .as("seed %d: %s LIMIT %d OFFSET %d", seed, sql, limit, offset)
            .isEqualTo(
                all.subList(Math.min(offset, all.size()), Math.min(offset + limit, all.size())));
      }
    }
  }

  /** Makes the order total. */
  private static String rest(String order) {
    return order.startsWith("g") ? "" : ", g";
  }

  private static List<String> rows(SqlSession session, String sql) {
    return SqlScript.rows((SqlResult.Rows) session.execute(sql, null, Cancel.NEVER));
  }

  @Test
  void theFirstRowsByKeyAreFoundWithoutReadingTheRest() {
    try (script) {
      SqlSession session = script.session("a");
      session.execute(
          "CREATE TABLE t (g INT, id BIGINT, v INT, s VARCHAR, d DOUBLE PRECISION,"
              + " PRIMARY KEY (id))",
          null,
          Cancel.NEVER);
      for (int part = 0; part < 4; part++) {
        insert(session, new Random(part), part);
      }
      script.run("flush");
      for (String order : List.of("id", "id DESC")) {
        String plan =
            String.join(
                " ",
                rows(
                    session,
                    "EXPLAIN ANALYZE SELECT * FROM t WHERE id >= 10 AND id < 3700 ORDER BY "
                        + order
                        + " LIMIT 5"));
        assertThat(plan).containsPattern("Scan .*rows=\\d{1,3} ");
      }
    }
  }
}

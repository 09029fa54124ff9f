package dev.sheaf.systemtests.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.protocol.error.SheafException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SHOW DIFF as users meet it: what it shows, what it reads for it, and what it refuses. */
final class DiffTest {
  private static final String DIGITS = "(VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";

  @TempDir Path scratch;

  private Family open() {
    return new Family(scratch, new Random(5), PageServerConfig.DEFAULT);
  }

  @Test
  void whatBothBranchesShareIsNotRead() {
    try (Family family = open()) {
      family.run("db0", "CREATE TABLE t (id INT PRIMARY KEY, v BIGINT, s VARCHAR, noise VARCHAR)");
      family.run(
          "db0",
          ("INSERT INTO t SELECT f*100000 + a*10000 + b*1000 + c*100 + d*10 + e,"
                  + " a*7919 + b*104729 + e, 'row ' || (a*31 + b*17 + c*13 + d*7 + e),"
                  + " random()::text || random()::text"
                  + " FROM %s AS a(a), %s AS b(b), %s AS c(c), %s AS d(d), %s AS e(e),"
                  + " (VALUES (0), (1), (2)) AS f(f)")
              .formatted(DIGITS, DIGITS, DIGITS, DIGITS, DIGITS));
      family.flush("db0");
      family.run("db0", "DELETE FROM t WHERE id % 1000 = 7");
      family.flush("db0");
      long stored = family.objects.stored();
      family.branch("db0", "db1");
      String diff = "SHOW DIFF TABLE t TO db1";

      assertThat(reads(family, "SHOW DIFF TO db1", List.of())).isZero();

      family.run("db1", "UPDATE t SET v = -1 WHERE id = 4711");
      family.run("db1", "DELETE FROM t WHERE id = 4713");
      family.run("db1", "INSERT INTO t VALUES (7, 7, 'again', '')");
      family.run("db1", "UPDATE t SET v = v WHERE id = 4715");
      var three =
          List.of(
              List.of("added", "null", "7", "null", "7", "null", "again"),
              List.of("changed", "4711", "4711", "418917", "-1", "row 167", "row 167"),
              List.of("removed", "4713", "null", "418919", "null", "row 169", "null"));
      assertThat(reads(family, diff, three)).isLessThan(stored / 10);

      family.flush("db1");
      assertThat(reads(family, diff, three)).isLessThan(stored / 10);
      assertThat(family.run("db1", "SHOW DIFF FROM db0"))
          .containsExactly(List.of("public", "t", "null", "1", "1", "1"));

      // Both sides go on; the same change on both is none.
      family.run("db0", "UPDATE t SET v = -1 WHERE id = 4711");
      family.run("db0", "UPDATE t SET v = -2 WHERE id = 12345");
      family.flush("db0");
      assertThat(family.run("db0", "SHOW DIFF TO db1"))
          .containsExactly(List.of("public", "t", "null", "1", "1", "1"));
      assertThat(reads(family, diff + " LIMIT 1", three.subList(0, 1))).isLessThan(stored / 10);

      // A side that was compacted shares no segment any more: all is read, the answer is the same.
      family.compact("db1");
      assertThat(family.run("db0", "SHOW DIFF TO db1"))
          .containsExactly(List.of("public", "t", "null", "1", "1", "1"));
    }
  }

  /** Bytes read from the object store, with nothing cached by the compute. */
  private static long reads(Family family, String sql, List<List<String>> expected) {
    family.restartCompute();
    family.run("db0", "SHOW TABLES");
    family.run("db1", "SELECT 1");
    CountedObjects.Count before = family.objects.count();
    assertThat(family.run("db0", sql))
        .extracting(row -> row.subList(0, Math.min(7, row.size())))
        .isEqualTo(expected);
    return family.objects.count().since(before).bytes();
  }

  @Test
  void theSchemaIsComparedToo() {
    try (Family family = open()) {
      family.run("db0", "CREATE TABLE gone (id INT PRIMARY KEY)");
      family.run("db0", "INSERT INTO gone VALUES (1), (2)");
      family.run("db0", "CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT)");
      family.run("db0", "CREATE TABLE same (id INT PRIMARY KEY)");
      family.run("db0", "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)");
      family.branch("db0", "db1");
      family.run("db1", "DROP TABLE gone");
      family.run("db1", "CREATE TABLE fresh (id INT PRIMARY KEY, s VARCHAR)");
      family.run("db1", "INSERT INTO fresh VALUES (5, 'five')");
      family.run("db1", "ALTER TABLE t DROP COLUMN w");
      family.run("db1", "ALTER TABLE t ADD COLUMN x VARCHAR(8) DEFAULT 'new'");
      family.run("db1", "ALTER TABLE t ALTER COLUMN v SET NOT NULL");
      family.run("db1", "UPDATE t SET v = 3 WHERE id = 2");

      assertThat(family.run("db0", "SHOW DIFF TO db1"))
          .containsExactly(
              List.of("public", "fresh", "table added", "1", "0", "0"),
              List.of("public", "gone", "table dropped", "0", "2", "0"),
              List.of(
                  "public",
                  "t",
                  "column v now NOT NULL; column w dropped; column x varchar(8) added",
                  "0",
                  "0",
                  "1"));
      assertThat(family.names("db0", "SHOW DIFF TABLE t TO db1"))
          .containsExactly("change", "from_id", "to_id", "from_v", "to_v", "to_x", "from_w");
      assertThat(family.run("db0", "SHOW DIFF TABLE t TO db1"))
          .containsExactly(List.of("changed", "2", "2", "2", "3", "new", "2"));
      assertThat(family.run("db0", "SHOW DIFF TABLE fresh TO db1"))
          .containsExactly(List.of("added", "5", "five"));
      assertThat(family.run("db1", "SHOW DIFF TABLE public.gone FROM db0 TO 'db1'"))
          .containsExactly(List.of("removed", "1"), List.of("removed", "2"));
    }
  }

  @Test
  void columnsOfOneNameMayHoldOtherValuesInOldRows() {
    try (Family family = open()) {
      family.run("db0", "CREATE TABLE t (id INT PRIMARY KEY)");
      family.run("db0", "INSERT INTO t VALUES (1), (2)");
      family.flush("db0");
      family.branch("db0", "db1");
      family.run("db0", "ALTER TABLE t ADD COLUMN c INT DEFAULT 1");
      family.run("db1", "ALTER TABLE t ADD COLUMN c INT DEFAULT 2");
      assertThat(family.run("db0", "SHOW DIFF TABLE t TO db1"))
          .containsExactly(
              List.of("changed", "1", "1", "1", "2"), List.of("changed", "2", "2", "1", "2"));
      assertThat(family.run("db0", "SHOW DIFF TO db1"))
          .containsExactly(List.of("public", "t", "column c default 1 now 2", "0", "0", "2"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SHOW DIFF TO nowhere | 3D000 | db0, db1",
        "SHOW DIFF TABLE nothing TO db1 | 42P01 | nothing",
        "SHOW DIFF TABLE information_schema.tables TO db1 | 42501 | read-only",
        "SHOW DIFF TABLE otherkey TO db1 | 0A000 | primary keys differ",
        "SHOW DIFF TABLE nokey TO db1 | 0A000 | no primary key",
        "SHOW DIFF TO db1 AT 'yesterday' | 22007 | yesterday",
        "SHOW DIFF TO db1 AT NULL | 22023 | NULL",
        "SHOW DIFF TO db1 AT '2999-01-01T00:00:00Z' | 22023 | future",
        "SHOW DIFF TO db1 AT '1969-01-01T00:00:00Z' | 22023 | 1970",
        "SHOW DIFF | 42601 | end of input",
        "SHOW DIFF TABLE t | 42601 | end of input",
        "SHOW DIFF TO db1 FROM db0 | 42601 | FROM",
        "SHOW DIFF TO db1 LIMIT -1 | 42601 | -",
        "SHOW DIFF TO db1 AT now() + INTERVAL '1' HOUR | 22023 | future",
        "SHOW DIFF TO db1 AT 5 | 42804 | integer"
      })
  void whatCannotBeComparedIsRefused(String sql, String state, String words) {
    try (Family family = open()) {
      family.run("db0", "CREATE TABLE otherkey (id INT PRIMARY KEY)");
      family.run("db0", "CREATE TABLE nokey (id INT)");
      family.branch("db0", "db1");
      family.run("db1", "DROP TABLE otherkey");
      family.run("db1", "CREATE TABLE otherkey (id BIGINT PRIMARY KEY)");
      family.run("db1", "ALTER TABLE nokey ADD COLUMN v INT");
      assertThatThrownBy(() -> family.run("db0", sql))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> {
                assertThat(e.sqlState()).isEqualTo(state);
                assertThat(e.message() + " " + e.hint()).contains(words);
              });
    }
  }

  @Test
  void aTransactionComparesItsSnapshot() {
    try (Family family = open()) {
      family.run("db0", "CREATE TABLE t (id INT PRIMARY KEY)");
      family.branch("db0", "db1");
      family.run("db1", "BEGIN");
      family.run("db1", "SELECT * FROM t");
      family.run("db0", "INSERT INTO t VALUES (1)");
      assertThat(family.run("db1", "SHOW DIFF TABLE t FROM db0"))
          .containsExactly(List.of("removed", "1", "null"));
      family.run("db1", "INSERT INTO t VALUES (2)");
      assertThatThrownBy(() -> family.run("db1", "SHOW DIFF FROM db0"))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("0A000"));
      family.run("db1", "ROLLBACK");
    }
  }
}

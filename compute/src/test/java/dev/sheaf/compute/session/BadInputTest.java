package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each bad statement gets its SQLSTATE, changes nothing, and the session goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
  private final SqlScript script = new SqlScript();

  @BeforeAll
  void tables() {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL, s VARCHAR(3), CHECK (v < 1000)) => ok
        a: INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b') => #2
        """);
  }

  @AfterAll
  void close() {
    script.close();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '~',
      textBlock =
          """
          42601 ~ SELEC 1
          42601 ~ SELECT 'unterminated
          42601 ~ SELECT 1; DROP TABLE t
          42P01 ~ SELECT * FROM missing
          42P01 ~ INSERT INTO missing VALUES (1)
          42P01 ~ DROP TABLE missing
          42P01 ~ TRUNCATE t, missing
          42P01 ~ ALTER TABLE missing ADD COLUMN x INT
          42703 ~ SELECT missing FROM t
          42703 ~ INSERT INTO t (id, missing) VALUES (3, 1)
          42703 ~ UPDATE t SET missing = 1
          42703 ~ CREATE TABLE x (a INT, PRIMARY KEY (b))
          42703 ~ CREATE TABLE x (a INT, CHECK (b > 0))
          42883 ~ SELECT missing(1)
          42601 ~ INSERT INTO t (id, v) VALUES (3)
          42601 ~ INSERT INTO t VALUES (3, 1, 'a', 4)
          42804 ~ INSERT INTO t VALUES (3, TRUE, 'a')
          22P02 ~ INSERT INTO t VALUES (3, 'x', 'a')
          23502 ~ INSERT INTO t (id) VALUES (3)
          23502 ~ INSERT INTO t VALUES (NULL, 1, 'a')
          23502 ~ UPDATE t SET v = NULL
          23505 ~ INSERT INTO t VALUES (3, 1, 'c'), (1, 1, 'd')
          23514 ~ INSERT INTO t VALUES (3, 1000, 'c')
          23514 ~ UPDATE t SET v = v * 100
          22001 ~ INSERT INTO t VALUES (3, 1, 'abcd')
          22001 ~ UPDATE t SET s = 'éééé' WHERE id = 1
          22012 ~ SELECT v / 0 FROM t
          22012 ~ UPDATE t SET v = v / (id - 1)
          22003 ~ INSERT INTO t VALUES (3, 3000000000, 'c')
          21000 ~ SELECT (SELECT id FROM t)
          42P07 ~ CREATE TABLE t (id INT)
          42P07 ~ CREATE TABLE t AS SELECT 1 AS a
          42701 ~ CREATE TABLE x (a INT, a TEXT)
          42701 ~ ALTER TABLE t ADD COLUMN v INT
          42701 ~ ALTER TABLE t RENAME COLUMN v TO s
          42703 ~ ALTER TABLE t DROP COLUMN missing
          42703 ~ ALTER TABLE t ALTER COLUMN missing SET NOT NULL
          42P16 ~ ALTER TABLE t DROP COLUMN id
          42P16 ~ ALTER TABLE t ALTER COLUMN id DROP NOT NULL
          42704 ~ ALTER TABLE t DROP CONSTRAINT missing
          42710 ~ CREATE TABLE x (a INT, CONSTRAINT c CHECK (a > 0), CONSTRAINT c CHECK (a < 9))
          23502 ~ ALTER TABLE t ADD COLUMN x INT NOT NULL
          0A000 ~ ALTER TABLE t ADD COLUMN x DOUBLE PRECISION DEFAULT random()
          3F000 ~ CREATE TABLE missing.x (a INT)
          3F000 ~ DROP SCHEMA missing
          2201W ~ SELECT * FROM t LIMIT -1
          2201X ~ SELECT * FROM t OFFSET -1
          25P01 ~ COMMIT
          25P01 ~ ROLLBACK
          42704 ~ SET missing = 1
          42704 ~ SHOW missing
          22P02 ~ SELECT SHEAF_TRANSACTION_STATUS('x')
          42501 ~ COPY t FROM '/etc/passwd'
          42501 ~ COPY t TO '/tmp/x'
          0A000 ~ COPY t FROM STDIN
          08P01 ~ SELECT * FROM t WHERE id = $1
          """)
  void isRefusedByItsCode(String sqlState, String sql) {
    assertThat(SqlScript.outcome(script.session("a"), sql)).startsWith("!" + sqlState + " ");
    script.run("a: SELECT * FROM t ORDER BY id => 1|10|a; 2|20|b");
  }
}

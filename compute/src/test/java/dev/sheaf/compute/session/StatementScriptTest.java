package dev.sheaf.compute.session;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single statements do: DML with its clauses, DDL, the past, information_schema, EXPLAIN. */
class StatementScriptTest {
  private final SqlScript script = new SqlScript();

  @AfterEach
  void close() {
    script.close();
  }

  @Test
  void dmlWithKeysConflictsAndReturning() {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT DEFAULT 5, s VARCHAR(3) CHECK (s <> 'no')) => ok
        a: INSERT INTO t (id) VALUES (1), (2) RETURNING id, v, s => 1|5|null; 2|5|null
        a: INSERT INTO t VALUES (3, NULL, 'abc'), (4, DEFAULT, 'é€x') => #2
        a: UPDATE t SET id = id + 1 => #4
        a: SELECT * FROM t ORDER BY id => 2|5|null; 3|5|null; 4|null|abc; 5|5|é€x
        a: UPDATE t SET id = 7 WHERE id IN (2, 3) => !23505 Key (id)=(7) already exists
        a: UPDATE t SET id = 5 WHERE id = 2 => !23505
        a: UPDATE t SET v = id * 10 WHERE id <= 3 RETURNING id, v => 2|20; 3|30
        a: DELETE FROM t WHERE id = 5 RETURNING s => é€x
        a: INSERT INTO t VALUES (2, 1, 'a'), (9, 1, 'b') ON CONFLICT DO NOTHING => #1
        a: INSERT INTO t VALUES (2, 1, 'a'), (10, 1, 'b') ON CONFLICT (id) DO UPDATE SET v = t.v + excluded.v, s = excluded.s RETURNING id, v, s => 10|1|b; 2|21|a
        a: INSERT INTO t VALUES (2, 1, 'a') ON CONFLICT (id) DO UPDATE SET v = 0 WHERE t.v > 100 => #0
        a: INSERT INTO t VALUES (2, 1, 'a'), (2, 1, 'b') ON CONFLICT (id) DO UPDATE SET v = 0 => !21000
        a: INSERT INTO t VALUES (11, 1, 'x'), (11, 1, 'y') ON CONFLICT DO NOTHING => #1
        a: INSERT INTO t VALUES (12, 1, 'x'), (12, 1, 'y') => !23505 t_pkey
        a: SELECT * FROM t ORDER BY id => 2|21|a; 3|30|null; 4|null|abc; 9|1|b; 10|1|b; 11|1|x
        """);
  }

  @Test
  void tablesWithoutKeyKeepDuplicates() {
    script.run(
        """
        a: CREATE TABLE t (v INT, s TEXT) => ok
        a: INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, 'y') => #3
        flush
        a: INSERT INTO t SELECT v + 1, s FROM t => #3
        a: SELECT * FROM t ORDER BY v, s => 1|x; 1|x; 2|x; 2|x; 2|y; 3|y
        a: UPDATE t SET s = 'z' WHERE v = 2 => #3
        a: DELETE FROM t WHERE v = 1 => #2
        a: SELECT * FROM t ORDER BY v, s => 2|z; 2|z; 2|z; 3|y
        a: CREATE TABLE u AS SELECT v AS n, s, v * 1.5 AS d FROM t => #4
        a: CREATE TABLE w (a, b) AS SELECT v, s FROM t WITH NO DATA => ok
        a: SELECT sum(n), count(*) FROM u => 9|4
        a: SELECT count(*) FROM w => 0
        """);
  }

  @Test
  void alterTable() {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT, CONSTRAINT c CHECK (v < 100)) => ok
        a: INSERT INTO t VALUES (1, 10), (2, NULL) => #2
        flush
        a: ALTER TABLE t ADD COLUMN w TEXT NOT NULL DEFAULT 'd' => ok
        a: INSERT INTO t VALUES (3, 30, 'own') => #1
        a: SELECT * FROM t ORDER BY id => 1|10|d; 2|null|d; 3|30|own
        a: SELECT id FROM t WHERE w = 'd' ORDER BY id => 1; 2
        a: ALTER TABLE t ALTER COLUMN w SET DEFAULT 'e' => ok
        a: INSERT INTO t (id) VALUES (4) => #1
        a: SELECT w FROM t WHERE id IN (1, 4) ORDER BY id => d; e
        a: ALTER TABLE t ALTER COLUMN v SET NOT NULL => !23502 contains null values
        a: INSERT INTO t (id) VALUES (5) => #1
        a: UPDATE t SET v = 0 WHERE v IS NULL => #3
        a: ALTER TABLE t ALTER COLUMN v SET NOT NULL => ok
        a: INSERT INTO t (id) VALUES (6) => !23502 column "v"
        a: ALTER TABLE t ALTER COLUMN v DROP NOT NULL => ok
        a: INSERT INTO t (id) VALUES (6) => #1
        a: ALTER TABLE t ADD CONSTRAINT big CHECK (v > 5) => !23514 big
        a: ALTER TABLE t ADD CONSTRAINT small CHECK (v >= 0) => ok
        a: UPDATE t SET v = -1 WHERE id = 1 => !23514 small
        a: UPDATE t SET v = 100 WHERE id = 1 => !23514 "c"
        a: ALTER TABLE t RENAME COLUMN v TO n => !2BP01
        a: ALTER TABLE t DROP CONSTRAINT small => ok
        a: ALTER TABLE t DROP CONSTRAINT c => ok
        a: ALTER TABLE t RENAME COLUMN v TO n => ok
        a: ALTER TABLE t DROP COLUMN w => ok
        a: ALTER TABLE t RENAME TO tt => ok
        a: SELECT * FROM t => !42P01
        a: SELECT id, n FROM tt WHERE id = 1 => 1|10
        a: BEGIN => ok
        a: ALTER TABLE tt ALTER COLUMN n SET NOT NULL => !25001
        a: ROLLBACK => ok
        """);
  }

  @Test
  void thePastCanBeRead() {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT) => ok
        a: INSERT INTO t VALUES (1, 10) => #1
        """);
    script.time.sleepMillis(1_000);
    String past = "TIMESTAMP WITH TIME ZONE '" + script.time.now() + "'";
    script.time.sleepMillis(1_000);
    script.run(
        """
        a: UPDATE t SET v = 11 => #1
        a: SELECT v FROM t FOR SYSTEM_TIME AS OF %1$s => 10
        a: ALTER TABLE t DROP COLUMN v => ok
        a: ALTER TABLE t ADD COLUMN v INT DEFAULT 7 => ok
        a: SELECT v FROM t => 7
        a: SELECT v FROM t FOR SYSTEM_TIME AS OF %1$s => 10
        a: TRUNCATE t => ok
        a: INSERT INTO t VALUES (2, 20) => #1
        a: SELECT * FROM t FOR SYSTEM_TIME AS OF %1$s => 1|10
        a: SELECT v FROM t FOR SYSTEM_TIME AS OF %1$s WHERE id = 1 => 10
        a: DROP TABLE t => ok
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT) => ok
        a: SELECT id, v FROM t FOR SYSTEM_TIME AS OF %1$s => 1|10
        a: SELECT w FROM t FOR SYSTEM_TIME AS OF %1$s => !0A000 had no column w
        a: SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP WITH TIME ZONE '2099-01-01 00:00:00Z' => !22023
        a: SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP WITH TIME ZONE '9999-01-01 00:00:00Z' => !22023
        a: SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00Z' => !22023
        a: CREATE TABLE young (id INT) => ok
        a: SELECT * FROM young FOR SYSTEM_TIME AS OF %1$s => !42P01
        """
            .formatted(past));
  }

  @Test
  void schemasAndInformationSchema() {
    script.run(
        """
        a: CREATE SCHEMA s => ok
        a: CREATE SCHEMA s => !42P06
        a: CREATE SCHEMA IF NOT EXISTS s => ok
        a: CREATE TABLE s.t (id BIGINT, "Odd" DECIMAL(10,2) NOT NULL DEFAULT 1.5, PRIMARY KEY (id)) => ok
        a: INSERT INTO s.t (id) VALUES (1) => #1
        a: SELECT * FROM t => !42P01
        a: SET search_path TO s, public => ok
        a: SELECT * FROM t => 1|1.50
        a: SELECT schema_name FROM information_schema.schemata ORDER BY 1 => information_schema; public; s
        a: SELECT column_name, ordinal_position, column_default, is_nullable, data_type, numeric_precision, numeric_scale FROM information_schema.columns WHERE table_schema = 's' ORDER BY 2 => id|1|null|NO|bigint|64|0; Odd|2|1.5|NO|decimal|10|2
        a: SELECT constraint_name, constraint_type FROM information_schema.table_constraints => t_pkey|PRIMARY KEY
        a: SELECT column_name FROM information_schema.key_column_usage => id
        a: INSERT INTO information_schema.tables VALUES ('a', 'b', 'c', 'd') => !4
        a: CREATE TABLE information_schema.x (id INT) => !42501
        a: DROP SCHEMA s => !2BP01
        a: DROP SCHEMA public => !2BP01
        a: DROP SCHEMA s CASCADE => ok
        a: DROP SCHEMA s => !3F000
        a: DROP SCHEMA IF EXISTS s => ok
        a: SELECT * FROM t => !42P01
        a: CREATE TABLE nowhere.t (id INT) => !3F000
        """);
  }

  @Test
  void settingsAndExplain() {
    script.run(
        """
        a: SHOW timezone => UTC
        a: SET TIME ZONE 'Europe/Berlin' => ok
        a: SHOW timezone => Europe/Berlin
        a: SET timezone = 'Mars/X' => !22023
        a: SET nonsense = 1 => !42704
        a: SET statement_timeout_ms = '-1' => !22023
        a: SET query_memory_mb = 1000000 => !22023
        a: SET transaction_isolation = 'serializable' => !0A000
        a: SET transaction_isolation = 'repeatable read' => ok
        a: SHOW transaction_isolation => snapshot
        a: SET application_name = 'y' => ok
        a: BEGIN => ok
        a: SET LOCAL application_name = 'x' => ok
        a: SHOW application_name => x
        a: COMMIT => ok
        a: SHOW application_name => y
        a: RESET timezone => ok
        a: SHOW timezone => UTC
        a: SET LOCAL timezone = 'UTC' => !25P01
        a: SHOW TABLES => -
        a: CREATE TABLE listed (id INT) => ok
        a: SHOW TABLES => public|listed
        a: SHOW SCHEMAS LIKE 'x' => !42601
        a: EXPLAIN SELECT 1 => ok
        a: EXPLAIN ANALYZE SELECT 1 => ok
        a: EXPLAIN CREATE TABLE t (id INT) => !42601
        a: ; => #0
        a: -- nothing => #0
        """);
  }
}

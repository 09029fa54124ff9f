package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Isolation, atomicity and visibility of transactions; the anomalies follow Hermitage. */
class TransactionScriptTest {
  private final SqlScript script = new SqlScript();

  @AfterEach
  void close() {
    script.close();
  }

  private void two(String rest) {
    script.run(
        """
        a: CREATE TABLE t (id INT PRIMARY KEY, v INT) => ok
        a: INSERT INTO t VALUES (1, 10), (2, 20) => #2
        """
            + rest);
  }

  @Test
  void dirtyWriteG0() {
    two(
        """
        a: BEGIN => ok
        b: BEGIN => ok
        a: UPDATE t SET v = 11 WHERE id = 1 => #1
        b: UPDATE t SET v = 12 WHERE id = 1 => #1
        a: UPDATE t SET v = 21 WHERE id = 2 => #1
        a: COMMIT => ok
        b: UPDATE t SET v = 22 WHERE id = 2 => #1
        b: COMMIT => !40001
        c: SELECT * FROM t ORDER BY id => 1|11; 2|21
        """);
    assertThat(script.service.rolledBack()).as("a refused commit is none").isZero();
  }

  @Test
  void abortedAndIntermediateReadsG1() {
    two(
        """
        a: BEGIN => ok
        a: UPDATE t SET v = 101 WHERE id = 1 => #1
        b: SELECT v FROM t WHERE id = 1 => 10
        a: ROLLBACK => ok
        b: SELECT v FROM t WHERE id = 1 => 10
        b: BEGIN => ok
        b: SELECT v FROM t WHERE id = 2 => 20
        a: BEGIN => ok
        a: UPDATE t SET v = 1 WHERE id = 2 => #1
        a: UPDATE t SET v = 2 WHERE id = 2 => #1
        a: COMMIT => ok
        b: SELECT v FROM t WHERE id = 2 => 20
        b: COMMIT => ok
        b: SELECT v FROM t WHERE id = 2 => 2
        """);
  }

  @Test
  void predicateManyPrecedersAndReadSkew() {
    two(
        """
        a: BEGIN => ok
        a: SELECT * FROM t WHERE v = 30 => -
        b: INSERT INTO t VALUES (3, 30) => #1
        a: SELECT * FROM t WHERE v % 3 = 0 => -
        a: SELECT v FROM t WHERE id = 1 => 10
        b: UPDATE t SET v = v + 5 => #3
        a: SELECT v FROM t WHERE id = 2 => 20
        a: DELETE FROM t WHERE v = 20 => #1
        a: COMMIT => !40001
        c: SELECT * FROM t ORDER BY id => 1|15; 2|25; 3|35
        """);
  }

  @Test
  void lostUpdateIsRefusedAndAutocommitRunsAgain() {
    two(
        """
        a: BEGIN => ok
        b: BEGIN => ok
        a: SELECT v FROM t WHERE id = 1 => 10
        b: SELECT v FROM t WHERE id = 1 => 10
        a: UPDATE t SET v = v + 1 WHERE id = 1 => #1
        b: UPDATE t SET v = v + 1 WHERE id = 1 => #1
        a: COMMIT => ok
        b: COMMIT => !40001
        b: UPDATE t SET v = v + 1 WHERE id = 1 => #1
        c: SELECT v FROM t WHERE id = 1 => 12
        """);
  }

  @Test
  void writeSkewIsPossibleUnderSnapshotIsolation() {
    two(
        """
        a: BEGIN ISOLATION LEVEL SERIALIZABLE => !0A000
        a: BEGIN => ok
        b: BEGIN => ok
        a: SELECT sum(v) FROM t => 30
        b: SELECT sum(v) FROM t => 30
        a: UPDATE t SET v = 0 WHERE id = 1 => #1
        b: UPDATE t SET v = 0 WHERE id = 2 => #1
        a: COMMIT => ok
        b: COMMIT => ok
        c: SELECT * FROM t ORDER BY id => 1|0; 2|0
        """);
  }

  @Test
  void errorsFailTheTransactionAndLeaveNothing() {
    two(
        """
        a: BEGIN => ok
        a: INSERT INTO t VALUES (3, 30) => #1
        a: INSERT INTO t VALUES (4, 40), (1, 11) => !23505 Key (id)=(1) already exists
        a: SELECT 1 => !25P02
        a: SET timezone = 'UTC' => !25P02
        a: COMMIT => !25P02
        a: SELECT * FROM t ORDER BY id => 1|10; 2|20
        a: BEGIN => ok
        a: SELECT nonsense => !42703
        a: SELECT 1 => !25P02
        a: ROLLBACK => ok
        a: BEGIN => ok
        a: SELEC => !42601
        a: SELECT 1 => !25P02
        a: ROLLBACK => ok
        a: INSERT INTO t VALUES (5, 1), (6, 1 / 0) => !22012
        a: SELECT count(*) FROM t => 2
        a: COMMIT => !25P01
        a: ROLLBACK => !25P01
        a: BEGIN => ok
        a: BEGIN => !25001
        a: ROLLBACK => ok
        """);
    assertThat(script.service.rolledBack()).isEqualTo(4);
  }

  @Test
  void ownWritesAreSeenThroughFiltersKeysAndAggregates() {
    two(
        """
        a: INSERT INTO t VALUES (3, 30), (4, 40) => #2
        flush
        a: INSERT INTO t VALUES (5, 50) => #1
        a: BEGIN => ok
        a: UPDATE t SET v = v + 1 WHERE id IN (1, 5) => #2
        a: DELETE FROM t WHERE id = 2 => #1
        a: INSERT INTO t VALUES (2, 200), (6, 60) => #2
        a: DELETE FROM t WHERE v = 60 => #1
        a: SELECT * FROM t ORDER BY id => 1|11; 2|200; 3|30; 4|40; 5|51
        a: SELECT id FROM t WHERE v BETWEEN 11 AND 51 ORDER BY id => 1; 3; 4; 5
        a: SELECT v FROM t WHERE id = 5 => 51
        a: SELECT v FROM t WHERE id = 6 => -
        a: SELECT sum(v), count(*) FROM t WHERE id > 1 => 321|4
        b: SELECT * FROM t ORDER BY id => 1|10; 2|20; 3|30; 4|40; 5|50
        a: INSERT INTO t SELECT id + 10, v FROM t => #5
        a: COMMIT => ok
        b: SELECT count(*), sum(v) FROM t => 10|664
        """);
  }

  @Test
  void ddlIsTransactionalAndConflictsWithDml() {
    two(
        """
        a: BEGIN => ok
        a: CREATE TABLE u (id INT PRIMARY KEY, w TEXT DEFAULT 'x') => ok
        a: INSERT INTO u (id) VALUES (1) => #1
        a: ALTER TABLE u ADD COLUMN z INT DEFAULT 7 => ok
        a: SELECT * FROM u => 1|x|7
        b: SELECT * FROM u => !42P01
        a: ROLLBACK => ok
        a: SELECT * FROM u => !42P01
        a: BEGIN => ok
        b: BEGIN => ok
        b: INSERT INTO t VALUES (3, 30) => #1
        a: ALTER TABLE t ADD COLUMN w INT => ok
        a: COMMIT => ok
        b: SELECT * FROM t ORDER BY id => 1|10; 2|20; 3|30
        b: COMMIT => !40001
        a: BEGIN => ok
        b: BEGIN => ok
        a: CREATE TABLE n (id INT) => ok
        b: CREATE TABLE n (id INT) => ok
        a: COMMIT => ok
        b: COMMIT => !4
        c: SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1 => n; t
        """);
  }

  @Test
  void truncateAndDropAreDescriptorChangesThatThePastIgnores() {
    two(
        """
        a: BEGIN => ok
        a: TRUNCATE t => ok
        a: SELECT count(*) FROM t => 0
        a: INSERT INTO t VALUES (1, 1) => #1
        a: SELECT * FROM t => 1|1
        b: SELECT count(*) FROM t => 2
        a: ROLLBACK => ok
        a: SELECT count(*) FROM t => 2
        a: TRUNCATE t => ok
        a: SELECT count(*) FROM t => 0
        """);
  }

  @Test
  void readOnlyTransactionsAndIdleTimeout() {
    two(
        """
        a: BEGIN READ ONLY => ok
        a: SELECT count(*) FROM t => 2
        a: DELETE FROM t => !25006
        a: ROLLBACK => ok
        a: SET idle_in_transaction_timeout_ms = 1000 => ok
        a: BEGIN => ok
        a: DELETE FROM t => #2
        """);
    script.time.sleepMillis(999);
    script.service.expire();
    script.run("a: SELECT count(*) FROM t => 0");
    script.time.sleepMillis(1_001);
    script.service.expire();
    script.run(
        """
        a: SELECT count(*) FROM t => !25P03
        a: ROLLBACK => ok
        a: SELECT count(*) FROM t => 2
        """);
    assertThat(script.service.rolledBack()).as("each once").isEqualTo(2);
  }
}

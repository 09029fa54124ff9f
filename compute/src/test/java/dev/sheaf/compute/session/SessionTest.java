package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.fake.FakeShardService.LostAnswer;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.compute.transaction.TransactionLimits;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlService.SessionParameters;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfExists;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfMissing;
import dev.sheaf.rpc.sql.SqlSession.PreparedSql;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The session's interface beyond SQL text: handles, parameters, limits, lost answers, ingest. */
class SessionTest {
  private SqlScript script =
      new SqlScript(
          SqlScript.config().withTransactions(new TransactionLimits(200_000, 50_000, 2_000)));

  @AfterEach
  void close() {
    script.close();
  }

  private SqlSession a() {
    return script.session("a");
  }

  private static void assertCode(
      String sqlState, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.sqlState()).as(e.message()).isEqualTo(sqlState));
  }

  private static Batch ints(int... values) {
    var builder = new VecBuilder(PhysicalType.INT, values.length);
    for (int value : values) {
      builder.append(value);
    }
    return Batch.of(new Vec[] {builder.build()}, values.length);
  }

  private void t() {
    script.run("a: CREATE TABLE t (id INT PRIMARY KEY, v INT DEFAULT 7) => ok");
  }

  /** As drivers do that close a result of which they need one row. */
  @Test
  void aResultThatIsDroppedLeavesItsTransaction() {
    t();
    script.run("a: BEGIN => ok\n a: INSERT INTO t VALUES (1, 1), (2, 2) => #2");
    var left = new AtomicBoolean();
    var rows = (SqlResult.Rows) a().execute("SELECT id FROM t", null, left::get);
    left.set(true);
    assertCode("57014", rows.batches()::next);
    rows.batches().close();
    script.run("a: SELECT count(*) FROM t => 2\n a: COMMIT => ok\n b: SELECT v FROM t => 1; 2");
  }

  @Test
  void preparedStatementsRunOncePerParameterRowAndFollowTheCatalog() {
    t();
    PreparedSql insert = a().prepare("INSERT INTO t (id) VALUES ($1)", null);
    assertThat(insert.kind()).isEqualTo(StatementKind.UPDATE);
    assertThat(insert.parameterFields()).extracting(Field::type).containsExactly(SqlType.INTEGER);
    int[] many = IntStream.rangeClosed(1, 5_000).toArray();
    assertThat(a().execute(insert, ints(many), null, Cancel.NEVER))
        .isEqualTo(new SqlResult.UpdateCount(5_000));
    assertCode("23505", () -> a().execute(insert, ints(6_000, 6_001, 6_000), null, Cancel.NEVER));
    assertCode("23505", () -> a().execute(insert, ints(6_000, 17), null, Cancel.NEVER));
    assertCode("08P01", () -> a().execute(insert, null, null, Cancel.NEVER));
    assertThat(a().execute(insert, ints(), null, Cancel.NEVER))
        .isEqualTo(new SqlResult.UpdateCount(0));
    PreparedSql update = a().prepare("UPDATE t SET v = v + 1 WHERE id = $1", null);
    a().execute(update, ints(1, 1, 2), null, Cancel.NEVER);
    PreparedSql query = a().prepare("SELECT v FROM t WHERE id = $1", null);
    script.run("a: ALTER TABLE t ADD COLUMN w INT => ok");
    assertThat(SqlScript.text(a().execute(query, ints(1, 2, 3), null, Cancel.NEVER)))
        .isEqualTo("9; 8; 7");
    PreparedSql star = a().prepare("SELECT * FROM t WHERE id = 1", null);
    script.run("a: ALTER TABLE t ADD COLUMN x INT => ok");
    assertCode("0A000", () -> a().execute(star, null, null, Cancel.NEVER));
    query.close();
    query.close();
    assertCode("26000", () -> a().execute(query, ints(1), null, Cancel.NEVER));
    assertCode("26000", () -> script.session("b").execute(star, null, null, Cancel.NEVER));
    script.run("a: SELECT count(*) FROM t => 5000");
  }

  @Test
  void insertsThatReadNothingDrawNoSnapshotsAndFollowTheCatalogAllTheSame() {
    t();
    script.run("a: INSERT INTO t VALUES (0, 0) => #1");
    PreparedSql insert = a().prepare("INSERT INTO t VALUES ($1, 1 + 1)", null);
    int snapshots = script.shard.snapshots();
    int commits = script.shard.commits();
    for (int i = 1; i <= 10; i++) {
      a().execute(insert, ints(i), null, Cancel.NEVER);
    }
    assertThat(script.shard.snapshots()).isEqualTo(snapshots);
    assertThat(script.shard.commits()).isEqualTo(commits + 10);
    assertCode("23505", () -> a().execute(insert, ints(5), null, Cancel.NEVER));
    script.run(
        """
        a: INSERT INTO t SELECT max(id) + 1, 0 FROM t => #1
        a: INSERT INTO t VALUES ((SELECT max(id) + 1 FROM t), 0) => #1
        b: DELETE FROM t WHERE id = 3 => #1
        a: INSERT INTO t VALUES (3, 33) => #1
        b: CREATE SCHEMA first => ok
        a: SET search_path = first, public => ok
        a: INSERT INTO t VALUES (20, 0) => #1
        b: CREATE TABLE first.t (id INT PRIMARY KEY, v INT) => ok
        a: INSERT INTO t VALUES (20, 0) => #1
        b: SELECT count(*) FROM first.t => 1
        b: SELECT count(*) FROM public.t => 14
        b: DROP TABLE first.t => ok
        a: INSERT INTO t VALUES (21, 0) => #1
        b: DROP TABLE public.t => ok
        a: INSERT INTO t VALUES (22, 0) => !42P01
        """);
  }

  @Test
  void transactionsByHandleAreApartFromTheSessionsOwn() {
    t();
    String first = a().beginTransaction();
    String second = a().beginTransaction();
    a().execute("INSERT INTO t VALUES (1, 1)", first, Cancel.NEVER);
    a().execute("INSERT INTO t VALUES (2, 2)", second, Cancel.NEVER);
    assertThat(SqlScript.text(a().execute("SELECT id FROM t", first, Cancel.NEVER))).isEqualTo("1");
    assertThat(SqlScript.text(a().execute("SELECT id FROM t", null, Cancel.NEVER))).isEqualTo("-");
    assertCode("25001", () -> a().execute("COMMIT", first, Cancel.NEVER));
    assertCode("25P01", () -> script.session("b").execute("SELECT 1", first, Cancel.NEVER));
    a().endTransaction(first, true, Cancel.NEVER);
    a().endTransaction(second, false, Cancel.NEVER);
    assertCode("25P01", () -> a().endTransaction(first, true, Cancel.NEVER));
    script.run("a: SELECT id FROM t => 1");
  }

  @Test
  void aResultSeesNothingOfLaterStatementsOfItsTransaction() {
    t();
    script.run("a: INSERT INTO t VALUES (1, 1), (2, 2) => #2");
    a().execute("BEGIN", null, Cancel.NEVER);
    a().execute("UPDATE t SET v = 10 WHERE id = 1", null, Cancel.NEVER);
    var rows = (SqlResult.Rows) a().execute("SELECT * FROM t ORDER BY id", null, Cancel.NEVER);
    a().execute("UPDATE t SET v = 20", null, Cancel.NEVER);
    a().execute("DELETE FROM t WHERE id = 2", null, Cancel.NEVER);
    assertThat(SqlScript.rows(rows)).containsExactly("1|10", "2|2");
    script.run("a: SELECT * FROM t => 1|20");
  }

  @Test
  void largeInsertsBecomeBulkLoadsOutsideOfTransactionsOnly() {
    t();
    script.run("a: CREATE TABLE d (n INT) => ok");
    for (int i = 0; i < 10; i++) {
      a().execute("INSERT INTO d VALUES (" + i + ")", null, Cancel.NEVER);
    }
    String thousand = "SELECT a.n * 1000 + b.n * 100 + c.n * 10 + e.n, 1 FROM d a, d b, d c, d e";
    int commits = script.shard.commits();
    script.run(
        """
        a: INSERT INTO t %1$s => #10000
        a: SELECT count(*), sum(id) FROM t => 10000|49995000
        a: INSERT INTO t %1$s => !23505 t_pkey
        a: BEGIN => ok
        a: INSERT INTO t SELECT id + 10000, v FROM t => !54000
        a: ROLLBACK => ok
        a: CREATE TABLE c AS SELECT id FROM t => #10000
        a: SELECT count(DISTINCT id) FROM c => 10000
        a: INSERT INTO c SELECT id / (id - 9000) FROM t ORDER BY id => !22012
        a: SELECT count(*) FROM c => 10000
        a: CREATE TABLE s (id INT PRIMARY KEY, v TEXT, CHECK (id < 10000)) => ok
        a: INSERT INTO s SELECT id, repeat('x', 1677) FROM t => #10000
        a: INSERT INTO s SELECT -1 - id, repeat('x', CASE id WHEN 9 THEN 17000000 ELSE 1 END) FROM t => !54000 row of 17000000 bytes
        a: INSERT INTO s SELECT id + 1, 'x' FROM t WHERE id > 8000 => !23514
        a: SELECT count(*) FROM s => 10000
        """
            .formatted(thousand));
    assertThat(script.shard.commits() - commits).isLessThan(10);
  }

  @Test
  void lostCommitAnswersAreResolved() {
    t();
    script.shard.loseNextCommitAnswer(LostAnswer.COMMITTED);
    script.run("a: INSERT INTO t VALUES (1, 1) => #1");
    script.shard.loseNextCommitAnswer(LostAnswer.ABORTED);
    script.run("a: INSERT INTO t VALUES (2, 2) => #1");
    script.shard.loseNextCommitAnswer(LostAnswer.FOREVER_UNKNOWN);
    String answer = SqlScript.outcome(a(), "INSERT INTO t VALUES (3, 3)");
    assertThat(answer).startsWith("!40003 it is not known whether transaction");
    String id = answer.replaceAll(".*transaction ([0-9a-f-]{36}) .*", "$1");
    script.run("a: SELECT SHEAF_TRANSACTION_STATUS('%s') => unknown".formatted(id));
    script.run("a: SELECT id FROM t ORDER BY id => 1; 2; 3");
  }

  @Test
  void openResultsTakePlacesUntilReadClosedOrLate() {
    script.close();
    ComputeConfig c = SqlScript.config();
    script =
        new SqlScript(
            new ComputeConfig(
                2,
                1,
                3,
                2,
                1,
                c.memoryBytes(),
                c.queryMemoryBytes(),
                1,
                30_000,
                60_000,
                300_000,
                1 << 20,
                1 << 20,
                c.transactions(),
                null,
                null,
                0,
                "v"));
    t();
    a().execute("SELECT * FROM t", null, Cancel.NEVER);
    var second = (SqlResult.Rows) a().execute("SELECT * FROM t", null, Cancel.NEVER);
    assertCode("53300", () -> a().execute("SELECT 1", null, Cancel.NEVER));
    second.batches().close();
    second.batches().close();
    script.run("a: SELECT 1 => 1");
    var late = (SqlResult.Rows) a().execute("SELECT * FROM t", null, Cancel.NEVER);
    script.time.sleepMillis(31_000);
    script.service.expire();
    assertCode("57014", () -> late.batches().next());
    script.run("a: SELECT 1 => 1");
    a().prepare("SELECT 1", null);
    a().prepare("SELECT 1", null);
    a().prepare("SELECT 1", null);
    assertCode("53400", () -> a().prepare("SELECT 1", null));
    a().beginTransaction();
    assertCode("53300", () -> a().beginTransaction());
    script.session("b");
    assertCode("53300", () -> script.session("c"));
    script.session("b").close();
    assertCode("57P01", () -> script.session("b").execute("SELECT 1", null, Cancel.NEVER));
    assertCode("3D000", () -> open("nowhere", Map.of()));
    assertCode("57P03", () -> open("cold", Map.of()));
    assertCode("42704", () -> open("db", Map.of("nonsense", "1")));
    assertThat(open("db", Map.of("timezone", "+02:00")).settings())
        .containsEntry("timezone", "+02:00");
  }

  private SqlSession open(String database, Map<String, String> settings) {
    return script.service.openSession(
        new SessionParameters(database, "u", settings), script.deadline());
  }

  @Test
  void cancelledAndLateStatementsChangeNothing() {
    t();
    assertCode("57014", () -> a().execute("INSERT INTO t SELECT 1, 2", null, () -> true));
    script.run("a: SELECT count(*) FROM t => 0");
  }

  @Test
  void ingestMatchesColumnsByNameAndIsAtomic() {
    var target = new IngestTarget(null, "t", IfMissing.CREATE, IfExists.FAIL);
    List<Field> fields =
        List.of(new Field("v", SqlType.BIGINT, true), new Field("id", SqlType.INTEGER, false));
    assertThat(a().ingest(target, fields, rows(0, 10_000), null, Cancel.NEVER)).isEqualTo(10_000);
    assertCode("42P07", () -> a().ingest(target, fields, rows(0, 1), null, Cancel.NEVER));
    script.run("a: SELECT count(*), sum(v), max(id) FROM t => 10000|499950000|9999");
    var append = new IngestTarget("public", "t", IfMissing.FAIL, IfExists.APPEND);
    assertThat(a().ingest(append, fields, rows(0, 5), null, Cancel.NEVER)).isEqualTo(5);
    var replace = new IngestTarget(null, "t", IfMissing.FAIL, IfExists.REPLACE);
    assertThat(a().ingest(replace, fields, rows(7, 8), null, Cancel.NEVER)).isEqualTo(1);
    script.run(
        """
        a: SELECT * FROM t => 70|7
        a: CREATE TABLE k (id INT PRIMARY KEY, v SMALLINT, d TEXT DEFAULT 'd') => ok
        """);
    var keyed = new IngestTarget(null, "k", IfMissing.FAIL, IfExists.APPEND);
    assertThat(a().ingest(keyed, fields, rows(0, 3), null, Cancel.NEVER)).isEqualTo(3);
    assertCode("22003", () -> a().ingest(keyed, fields, rows(10, 9_000), null, Cancel.NEVER));
    assertCode("23505", () -> a().ingest(keyed, fields, rows(2, 3_000), null, Cancel.NEVER));
    var missing = new IngestTarget(null, "none", IfMissing.FAIL, IfExists.APPEND);
    assertCode("42P01", () -> a().ingest(missing, fields, rows(0, 1), null, Cancel.NEVER));
    script.run("a: SELECT * FROM k ORDER BY id => 0|0|d; 1|10|d; 2|20|d");
    assertThat(a().tables()).extracting(t -> t.schema() + "." + t.name()).contains("public.k");
  }

  /** Rows (v = 10 * id, id). */
  private static dev.sheaf.columnar.vector.BatchSource rows(int from, int to) {
    List<Batch> batches = new ArrayList<>();
    for (int start = from; start < to; start += 1_000) {
      int end = Math.min(to, start + 1_000);
      var v = new VecBuilder(PhysicalType.LONG, end - start);
      var id = new VecBuilder(PhysicalType.INT, end - start);
      for (int i = start; i < end; i++) {
        v.append(10L * i);
        id.append(i);
      }
      batches.add(Batch.of(new Vec[] {v.build(), id.build()}, end - start));
    }
    return ResultRows.of(batches);
  }
}

package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.fake.ManualTime;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfExists;
import dev.sheaf.rpc.sql.SqlSession.IngestTarget.IfMissing;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SHOW STATEMENTS, asked by a second session at moments at which the first one's statement asks
 * whether it is cancelled: between two batches.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunningStatementsTest {
  private static final int ROWS = 40_000;
  private static final int ID = 0;
  private static final int USER = 1;
  private static final int STATE = 3;
  private static final int COUNT = 4;
  private static final int READ = 5;
  private static final int TOTAL = 6;
  private static final int FRACTION = 7;
  private static final int TEXT = 8;

  @TempDir private Path imports;
  private SqlScript script;

  /** What the second session saw, a list of cells for each look. */
  private final List<List<String>> seen = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void open() {
    script = new SqlScript(SqlScript.config().withImportDirectory(imports));
    script.run("a: CREATE TABLE t (id INT PRIMARY KEY, s TEXT) => ok");
    assertThat(statements()).isEmpty();
  }

  @AfterEach
  void close() {
    script.close();
  }

  private List<List<String>> statements() {
    String text = SqlScript.outcome(script.session("b"), "SHOW STATEMENTS");
    return text.equals("-")
        ? List.of()
        : List.of(text.split("; ")).stream().map(row -> List.of(row.split("\\|"))).toList();
  }

  private boolean look() {
    List<List<String>> all = statements();
    assertThat(all).hasSize(1);
    seen.add(all.getFirst());
    return false;
  }

  private long execute(String sql) {
    return ((SqlResult.UpdateCount) script.session("a").execute(sql, null, this::look)).rows();
  }

  private List<Long> counts() {
    return seen.stream().map(row -> Long.parseLong(row.get(COUNT))).toList();
  }

  /** Rows have grown in steps, never backwards; the statement is over. */
  private void assertGrown(String text, long rows) {
    assertThat(seen).allMatch(row -> row.get(USER).equals("a") && row.get(TEXT).equals(text));
    assertThat(seen.stream().map(row -> row.get(ID)).distinct()).hasSize(1);
    assertThat(counts()).isSorted().allMatch(count -> count <= rows);
    assertThat(counts().stream().distinct().count()).isGreaterThan(3);
    assertThat(statements()).isEmpty();
  }

  @Test
  void aCopyFromAFileSaysHowFarItIs() throws IOException {
    Path file = imports.resolve("many.csv");
    Files.writeString(
        file,
        IntStream.range(0, ROWS)
            .mapToObj(n -> n + ",text of row " + n + "\n")
            .collect(Collectors.joining()));
    String sql = "COPY t FROM 'many.csv' WITH (FORMAT CSV)";
    assertThat(execute(sql)).isEqualTo(ROWS);
    assertGrown(sql, ROWS);
    assertThat(seen.stream().skip(1))
        .allMatch(row -> row.get(TOTAL).equals(Long.toString(file.toFile().length())));
    List<Double> fractions =
        seen.stream()
            .map(row -> row.get(FRACTION))
            .filter(cell -> !cell.equals("null"))
            .map(Double::parseDouble)
            .toList();
    assertThat(fractions).isSorted().allMatch(fraction -> fraction >= 0 && fraction <= 1);
    assertThat(fractions.stream().filter(fraction -> fraction > 0 && fraction < 1).distinct())
        .hasSizeGreaterThan(3);
    assertThat(seen.getFirst().get(STATE)).isEqualTo("running");

    seen.clear();
    sql = "COPY t TO 'out.csv'";
    assertThat(execute(sql)).isEqualTo(ROWS);
    assertGrown(sql, ROWS);
    assertThat(seen).allMatch(row -> row.get(TOTAL).equals("null"));
  }

  @Test
  void anArrowFileToo() {
    fill();
    script.run(
        """
        a: COPY t TO 'many.arrow' => #40000
        a: CREATE TABLE u (id INT PRIMARY KEY, s TEXT) => ok
        """);
    String sql = "COPY u FROM 'many.arrow'";
    assertThat(execute(sql)).isEqualTo(ROWS);
    assertGrown(sql, ROWS);
    // It is read in the file's own batches, which are large.
    String size = Long.toString(imports.resolve("many.arrow").toFile().length());
    assertThat(seen.stream().map(row -> row.get(TOTAL)).distinct()).contains(size);
    assertThat(seen.stream().map(row -> row.get(READ)).distinct()).hasSizeGreaterThan(1);
  }

  private void fill() {
    String values =
        IntStream.range(0, ROWS)
            .mapToObj(n -> "(" + n + ", 'x')")
            .collect(Collectors.joining(", "));
    assertThat(SqlScript.outcome(script.session("a"), "INSERT INTO t VALUES " + values))
        .isEqualTo("#" + ROWS);
  }

  @Test
  void changesAndQueriesCountTheirRows() {
    fill();
    script.run("a: CREATE TABLE u (id INT PRIMARY KEY, s TEXT) => ok");
    for (String sql :
        List.of(
            "INSERT INTO u SELECT id, s FROM t",
            "UPDATE u SET s = 'y' WHERE id >= 0",
            "DELETE FROM u WHERE id >= 0")) {
      seen.clear();
      assertThat(execute(sql)).isEqualTo(ROWS);
      assertGrown(sql, ROWS);
      assertThat(seen).allMatch(row -> row.get(READ).equals("null"));
    }
    seen.clear();
    String sql = "SELECT id FROM t";
    var rows = (SqlResult.Rows) script.session("a").execute(sql, null, Cancel.NEVER);
    try (BatchSource batches = rows.batches()) {
      do {
        look();
      } while (batches.next() != null);
    }
    assertGrown(sql, ROWS);
  }

  @Test
  void anIngestCountsWhatHasCome() {
    var fields = List.of(new Field("id", SqlType.INTEGER, false));
    var target = new IngestTarget(null, "t", IfMissing.FAIL, IfExists.APPEND);
    int batches = 10;
    var source =
        new BatchSource() {
          private int next;

          @Override
          public @Nullable Batch next() {
            look();
            if (next == batches) {
              return null;
            }
            var ids = new VecBuilder(PhysicalType.INT, 100);
            for (int i = 0; i < 100; i++) {
              ids.append(next * 100 + i);
            }
            next++;
            return Batch.of(new Vec[] {ids.build()}, 100);
          }

          @Override
          public void close() {}
        };
    assertThat(script.session("a").ingest(target, fields, source, null, Cancel.NEVER))
        .isEqualTo(100 * batches);
    assertGrown("ingest into t", 100 * batches);
  }

  @Test
  void whateverEndsAStatementTakesItOffTheList() throws IOException {
    Files.writeString(imports.resolve("bad.csv"), "1,a\nx,b\n");
    script.run("a: COPY t FROM 'bad.csv' WITH (FORMAT CSV) => !22P02");
    assertThat(statements()).isEmpty();
    script.run("a: SELECT nothing => !42703\n a: SELECT 1 / (id - id) FROM t => -");
    assertThat(statements()).isEmpty();
    fill();
    assertThatThrownBy(() -> script.session("a").execute("UPDATE t SET s = 'z'", null, () -> true))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("cancel");
    assertThat(statements()).isEmpty();

    // A result counts until it is closed, and goes with its session.
    var left = (SqlResult.Rows) script.session("a").execute("SELECT id FROM t", null, Cancel.NEVER);
    assertThat(statements()).hasSize(1);
    left.batches().close();
    left.batches().close();
    assertThat(statements()).isEmpty();
    var open = script.session("c").execute("SELECT id FROM t", null, Cancel.NEVER);
    assertThat(open).isInstanceOf(SqlResult.Rows.class);
    assertThat(statements()).hasSize(1);
    script.session("c").close();
    assertThat(statements()).isEmpty();
  }

  @Test
  void aTextIsCutAndAnotherDatabaseSeesNothing() {
    var running = new RunningStatements(new ManualTime());
    ShardId shop = ShardId.root(new DatabaseId("shop"));
    ShardId other = ShardId.root(new DatabaseId("other"));
    String text = "x".repeat(RunningStatements.SHOWN_CHARS - 1) + "\uD83D\uDE00";
    try (StatementProgress progress = running.begin(shop, "u", text)) {
      assertThat(progress.state()).isEqualTo(StatementProgress.State.WAITING);
      assertThat(progress.text()).isEqualTo("x".repeat(RunningStatements.SHOWN_CHARS - 1));
      assertThat(SqlScript.text(running.rows(shop)))
          .isEqualTo(progress.id() + "|u|0|waiting|0|null|null|null|" + progress.text());
      assertThat(SqlScript.text(running.rows(other))).isEqualTo("-");
    }
    assertThat(SqlScript.text(running.rows(shop))).isEqualTo("-");
  }

  private static ComputeConfig oneAtATime() {
    ComputeConfig base = SqlScript.config();
    return new ComputeConfig(
        base.maxSessions(),
        base.maxTransactions(),
        base.maxPrepared(),
        1,
        60_000,
        base.memoryBytes(),
        base.queryMemoryBytes(),
        base.parallelism(),
        base.statementTimeoutMillis(),
        base.maxStatementMillis(),
        base.idleInTransactionMillis(),
        base.planCacheBytes(),
        base.catalogCacheBytes(),
        base.transactions(),
        null,
        null,
        0,
        base.version());
  }

  @Test
  void whoHasToWaitSaysSo() throws ExecutionException, InterruptedException {
    script.close();
    script = new SqlScript(oneAtATime());
    script.run("a: CREATE TABLE t (id INT PRIMARY KEY) => ok");
    var open = (SqlResult.Rows) script.session("a").execute("SELECT 1", null, Cancel.NEVER);
    script.session("b");
    script.session("c");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> waiting =
          threads.submit(() -> SqlScript.outcome(script.session("c"), "SELECT 2"));
      while (statements().size() < 2) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      assertThat(statements().get(1).get(STATE)).isEqualTo("waiting");
      open.batches().close();
      assertThat(waiting.get()).isEqualTo("2");
    }
    assertThat(statements()).isEmpty();
  }
}

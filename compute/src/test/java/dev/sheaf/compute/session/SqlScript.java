package dev.sheaf.compute.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.QueryExecutor;
import dev.sheaf.compute.fake.FakeShardService;
import dev.sheaf.compute.fake.ManualTime;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import dev.sheaf.rpc.sql.SqlService.SessionParameters;
import dev.sheaf.rpc.sql.SqlSession;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs scripts of SQL against a compute over a shard in memory.
 *
 * <pre>
 * session: SQL => expectation     sessions open when first named
 * ok           no error
 * #3           a count
 * 1|a; 2|null  rows; - = none
 * !23505 text  an error with the SQLSTATE, whose message or hint holds the text
 * </pre>
 */
final class SqlScript implements AutoCloseable {
  final FakeShardService shard;
  final ManualTime time = new ManualTime();
  final ComputeService service;
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final Map<String, SqlSession> sessions = new HashMap<>();

  SqlScript() {
    this(config());
  }

  static ComputeConfig config() {
    return ComputeConfig.defaults(256L << 20, 2, "Sheaf test");
  }

  SqlScript(ComputeConfig config) {
    shard = new FakeShardService(time::millis);
    var random = new Random(42);
    service =
        new ComputeService(
            config,
            new OneDatabase(),
            shard,
            (key, size) -> shard.segment(key),
            new QueryExecutor(time::nanoTime, random)::execute,
            workers,
            time,
            random);
  }

  private static final class OneDatabase implements DatabaseDirectory {
    private static final DatabaseInfo DB = new DatabaseInfo(new DatabaseId("db-1"), "db", true);
    private static final DatabaseInfo COLD =
        new DatabaseInfo(new DatabaseId("db-2"), "cold", false);

    @Override
    public Optional<DatabaseInfo> byName(String name) {
      return all().stream().filter(d -> d.name().equals(name)).findFirst();
    }

    @Override
    public List<DatabaseInfo> all() {
      return List.of(COLD, DB);
    }
  }

  SqlSession session(String name) {
    return sessions.computeIfAbsent(
        name, n -> service.openSession(new SessionParameters("db", n, Map.of()), deadline()));
  }

  Deadline deadline() {
    return Deadline.after(time.nanoTime(), 10_000);
  }

  void run(String script) {
    int number = 0;
    for (String line : script.lines().toList()) {
      number++;
      if (!line.isBlank()) {
        step(line.strip(), number);
      }
    }
    assertThat(shard.openViews()).as("views left open").isZero();
    assertThat(shard.openLoads()).as("loads left open").isZero();
  }

  private void step(String line, int number) {
    if (line.equals("flush")) {
      shard.flush();
      return;
    }
    int colon = line.indexOf(": ");
    int arrow = line.lastIndexOf(" => ");
    String sql = line.substring(colon + 2, arrow);
    String expected = line.substring(arrow + 4).strip();
    String actual = outcome(session(line.substring(0, colon)), sql);
    String where = "line " + number + ": " + line;
    if (expected.equals("ok")) {
      assertThat(actual).as(where).doesNotStartWith("!");
    } else if (expected.startsWith("!")) {
      String[] parts = expected.split(" ", 2);
      assertThat(actual).as(where).startsWith(parts[0]);
      assertThat(actual).as(where).contains(parts.length == 2 ? parts[1] : "");
    } else {
      assertThat(actual).as(where).isEqualTo(expected);
    }
  }

  /** What a statement answered, in the script's notation. */
  static String outcome(SqlSession session, String sql) {
    try {
      return text(session.execute(sql, null, Cancel.NEVER));
    } catch (SheafException e) {
      if (e.code() == dev.sheaf.protocol.error.ErrorCode.INTERNAL_ERROR) {
        fail("internal error at " + sql, e);
      }
      return "!" + e.sqlState() + " " + e.message() + " " + e.hint();
    }
  }

  static String text(SqlResult result) {
    return switch (result) {
      case SqlResult.UpdateCount count -> "#" + count.rows();
      case SqlResult.Rows rows -> {
        List<String> lines = rows(rows);
        yield lines.isEmpty() ? "-" : String.join("; ", lines);
      }
    };
  }

  static List<String> rows(SqlResult.Rows rows) {
    var format = new TextFormat(ZoneOffset.UTC);
    List<String> lines = new ArrayList<>();
    try (BatchSource batches = rows.batches()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.selected(); i++) {
          List<String> cells = new ArrayList<>();
          for (int c = 0; c < rows.fields().size(); c++) {
            Object value = batch.column(c).value(batch.row(i));
            cells.add(value == null ? "null" : format.format(value, rows.fields().get(c).type()));
          }
          lines.add(String.join("|", cells));
        }
      }
    }
    return lines;
  }

  @Override
  public void close() {
    service.close();
    workers.shutdownNow();
  }
}

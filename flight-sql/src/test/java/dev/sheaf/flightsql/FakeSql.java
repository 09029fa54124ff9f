package dev.sheaf.flightsql;

import dev.sheaf.columnar.arrow.VecFiller;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlService;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine that answers scripted statements from maps and keeps a log of what was asked of it. */
final class FakeSql implements SqlService {

  /** What a statement is and does. */
  record Script(
      SqlSession.StatementKind kind, List<Field> result, List<Field> parameters, Action action) {}

  /** Runs a statement. */
  interface Action {
    SqlSession.SqlResult run(Run run);
  }

  /** One execution, as the engine sees it. */
  record Run(
      String database,
      String user,
      String sql,
      List<List<@Nullable Object>> parameters,
      @Nullable String transaction,
      SqlSession.Cancel cancel) {}

  final List<String> databases = new CopyOnWriteArrayList<>(List.of("shop"));
  final Map<String, Script> scripts = new ConcurrentHashMap<>();
  final List<Run> runs = new CopyOnWriteArrayList<>();
  final List<String> ended = new CopyOnWriteArrayList<>();
  final Map<String, List<List<@Nullable Object>>> ingested = new ConcurrentHashMap<>();
  final AtomicInteger openPrepared = new AtomicInteger();
  final AtomicInteger openSources = new AtomicInteger();
  final AtomicInteger openSessions = new AtomicInteger();
  private final AtomicInteger handles = new AtomicInteger();

  FakeSql() {
    for (String control : List.of("BEGIN", "COMMIT", "ROLLBACK")) {
      command(control);
    }
  }

  void query(String sql, List<Field> fields, Batch... batches) {
    scripts.put(
        sql,
        new Script(
            SqlSession.StatementKind.QUERY,
            fields,
            List.of(),
            run -> rows(fields, List.of(batches).iterator())));
  }

  void update(String sql, long count, Field... parameters) {
    scripts.put(
        sql,
        new Script(
            SqlSession.StatementKind.UPDATE,
            List.of(),
            List.of(parameters),
            run -> new SqlSession.SqlResult.UpdateCount(count)));
  }

  void command(String sql) {
    scripts.put(
        sql,
        new Script(
            SqlSession.StatementKind.COMMAND,
            List.of(),
            List.of(),
            run -> new SqlSession.SqlResult.UpdateCount(0)));
  }

  SqlSession.SqlResult.Rows rows(List<Field> fields, Iterator<Batch> batches) {
    openSources.incrementAndGet();
    return new SqlSession.SqlResult.Rows(
        fields,
        new BatchSource() {
          private boolean closed;

          @Override
          public @Nullable Batch next() {
            return batches.hasNext() ? batches.next() : null;
          }

          @Override
          public void close() {
            if (!closed) {
              closed = true;
              openSources.decrementAndGet();
            }
          }
        });
  }

  /** A batch of one column. */
  static Batch column(SqlType type, @Nullable Object... values) {
    return Batch.of(new Vec[] {VecFiller.of(type.physical(), values)}, values.length);
  }

  List<String> statementsRun() {
    return runs.stream().map(Run::sql).toList();
  }

  @Override
  public List<String> databases() {
    return databases;
  }

  @Override
  public SqlSession openSession(SessionParameters parameters, Deadline deadline) {
    if (!databases.contains(parameters.database())) {
      throw new SheafException(
          ErrorCode.INVALID_CATALOG_NAME,
          "database \"" + parameters.database() + "\" does not exist");
    }
    openSessions.incrementAndGet();
    return new FakeSession(parameters);
  }

  private final class FakeSession implements SqlSession {
    private final SessionParameters parameters;
    private final Map<String, String> settings = new TreeMap<>();
    private boolean closed;

    FakeSession(SessionParameters parameters) {
      this.parameters = parameters;
      settings.putAll(parameters.settings());
    }

    @Override
    public String database() {
      return parameters.database();
    }

    @Override
    public String user() {
      return parameters.user();
    }

    @Override
    public PreparedSql prepare(String sql, @Nullable String transaction) {
      Script script = scripts.get(sql);
      if (script == null) {
        throw new SheafException(ErrorCode.SYNTAX_ERROR, "no script for: " + sql)
            .withHint("Wörter helfen.")
            .at(1, 8);
      }
      openPrepared.incrementAndGet();
      return new PreparedSql() {
        @Override
        public String sql() {
          return sql;
        }

        @Override
        public StatementKind kind() {
          return script.kind();
        }

        @Override
        public List<Field> resultFields() {
          return script.result();
        }

        @Override
        public List<Field> parameterFields() {
          return script.parameters();
        }

        @Override
        public void close() {
          openPrepared.decrementAndGet();
        }
      };
    }

    @Override
    public SqlResult execute(
        PreparedSql statement, @Nullable Batch bound, @Nullable String transaction, Cancel cancel) {
      var run =
          new Run(
              database(),
              user(),
              statement.sql(),
              bound == null ? List.of() : toRows(bound),
              transaction,
              cancel);
      runs.add(run);
      return scripts.get(statement.sql()).action().run(run);
    }

    @Override
    public String beginTransaction() {
      return "tx" + handles.incrementAndGet();
    }

    @Override
    public void endTransaction(String transaction, boolean commit, Cancel cancel) {
      ended.add((commit ? "commit " : "rollback ") + transaction);
    }

    @Override
    public long ingest(
        IngestTarget target,
        List<Field> fields,
        BatchSource rows,
        @Nullable String transaction,
        Cancel cancel) {
      boolean exists = ingested.containsKey(target.table());
      if (exists && target.ifExists() == IngestTarget.IfExists.FAIL) {
        throw new SheafException(ErrorCode.DUPLICATE_TABLE, "table exists");
      }
      if (!exists && target.ifMissing() == IngestTarget.IfMissing.FAIL) {
        throw new SheafException(ErrorCode.UNDEFINED_TABLE, "no such table");
      }
      List<List<@Nullable Object>> all = new ArrayList<>();
      for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
        all.addAll(toRows(batch));
      }
      if (target.ifExists() == IngestTarget.IfExists.REPLACE) {
        ingested.put(target.table(), all);
      } else {
        ingested.computeIfAbsent(target.table(), t -> new ArrayList<>()).addAll(all);
      }
      return all.size();
    }

    @Override
    public List<String> schemas() {
      return List.of("information_schema", "public");
    }

    @Override
    public List<TableInfo> tables() {
      return List.of(
          new TableInfo(
              "public",
              "orders_2024",
              "TABLE",
              List.of(
                  new Field("id", SqlType.BIGINT, false),
                  new Field("total", SqlType.decimal(12, 2), true)),
              Map.of("total", "0"),
              List.of("id"),
              "orders_pk"),
          new TableInfo("public", "ordersX2024", "VIEW", List.of(), Map.of(), List.of(), ""),
          new TableInfo(
              "information_schema", "tables", "SYSTEM TABLE", List.of(), Map.of(), List.of(), ""));
    }

    @Override
    public Map<String, String> settings() {
      return settings;
    }

    @Override
    public void set(String name, @Nullable String value) {
      switch (name) {
        case "timezone", "search_path", "application_name" -> {
          if ("wrong".equals(value)) {
            throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "bad value");
          }
          settings.put(name, String.valueOf(value));
        }
        default -> throw new SheafException(ErrorCode.UNDEFINED_OBJECT, "unknown setting");
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        openSessions.decrementAndGet();
      }
    }
  }

  private static List<List<@Nullable Object>> toRows(Batch batch) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < batch.selected(); i++) {
      List<@Nullable Object> row = new ArrayList<>();
      for (Vec column : batch.columns()) {
        Object value = column.value(batch.row(i));
        row.add(value instanceof byte[] bytes ? new String(bytes) : value);
      }
      rows.add(row);
    }
    return rows;
  }
}

package dev.sheaf.server;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlService;
import dev.sheaf.rpc.sql.SqlSession;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SQL whose statements are timed until their first rows are there, and whose errors are counted.
 * Thread-safe.
 */
record MeteredSql(SqlService sql, ServerMetrics metrics) implements SqlService {

  @Override
  public SqlSession openSession(SessionParameters parameters, Deadline deadline) {
    return new MeteredSession(sql.openSession(parameters, deadline), metrics);
  }

  @Override
  public List<String> databases() {
    return sql.databases();
  }

  private record MeteredSession(SqlSession session, ServerMetrics metrics) implements SqlSession {

    private <T> T timed(Supplier<T> statement) {
      long begun = System.nanoTime();
      try {
        T result = statement.get();
        metrics.statement(System.nanoTime() - begun);
        return result;
      } catch (SheafException e) {
        metrics.statementFailed(e.sqlState());
        throw e;
      }
    }

    @Override
    public String database() {
      return session.database();
    }

    @Override
    public String user() {
      return session.user();
    }

    @Override
    public PreparedSql prepare(String sql, @Nullable String transaction) {
      try {
        return session.prepare(sql, transaction);
      } catch (SheafException e) {
        metrics.statementFailed(e.sqlState());
        throw e;
      }
    }

    @Override
    public SqlResult execute(
        PreparedSql statement,
        @Nullable Batch parameters,
        @Nullable String transaction,
        Cancel cancel) {
      return timed(() -> session.execute(statement, parameters, transaction, cancel));
    }

    @Override
    public String beginTransaction() {
      return session.beginTransaction();
    }

    @Override
    public void endTransaction(String transaction, boolean commit, Cancel cancel) {
      Boolean unused =
          timed(() -> {
            session.endTransaction(transaction, commit, cancel);
            return true;
          });
    }

    @Override
    public long ingest(
        IngestTarget target,
        List<Field> fields,
        BatchSource rows,
        @Nullable String transaction,
        Cancel cancel) {
      return timed(() -> session.ingest(target, fields, rows, transaction, cancel));
    }

    @Override
    public List<String> schemas() {
      return session.schemas();
    }

    @Override
    public List<TableInfo> tables() {
      return session.tables();
    }

    @Override
    public Map<String, String> settings() {
      return session.settings();
    }

    @Override
    public void set(String name, @Nullable String value) {
      session.set(name, value);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}

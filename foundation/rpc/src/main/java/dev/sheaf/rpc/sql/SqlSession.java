package dev.sheaf.rpc.sql;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's session: settings, prepared statements, transactions. Calls from several threads are
 * safe; statements of one transaction run one after the other. Errors are {@link
 * dev.sheaf.protocol.error.SheafException}.
 *
 * <p>Transactions. Without one, each statement commits by itself. {@code BEGIN}, {@code COMMIT} and
 * {@code ROLLBACK} as SQL text open and end the session's own transaction. {@link
 * #beginTransaction} opens a further one by handle, for protocols that name the transaction in each
 * call; {@code transaction == null} means the session's own transaction if one is open, else
 * autocommit. After an error a transaction answers 25P02 until it is rolled back.
 */
public interface SqlSession extends AutoCloseable {

  String database();

  String user();

  /** Parses and plans. The handle is valid in this session until closed. */
  PreparedSql prepare(String sql, @Nullable String transaction);

  /**
   * A prepared statement. Re-planned by itself when the catalog changed; result types never change
   * (0A000).
   */
  interface PreparedSql extends AutoCloseable {
    String sql();

    StatementKind kind();

    /** Columns of the result; empty for statements that return no rows. */
    List<Field> resultFields();

    /**
     * Types inferred for the parameters {@code ?} or {@code $1}, in order. Never NULL-typed:
     * VARCHAR if unknown.
     */
    List<Field> parameterFields();

    @Override
    void close();
  }

  enum StatementKind {
    /** Returns rows (SELECT, SHOW, EXPLAIN, VALUES, INSERT .. RETURNING, COPY TO STDOUT). */
    QUERY,
    /** Changes rows, answers a count. */
    UPDATE,
    /** DDL, transaction control, SET: count 0. */
    COMMAND
  }

  /**
   * Runs a statement once for each row of {@code parameters} as one atomic execution; with no
   * parameters, once.
   *
   * @param parameters one batch whose columns are the statement's parameters, types as {@link
   *     PreparedSql#parameterFields}; null when the statement has none
   * @param cancel checked between batches and while waiting
   */
  SqlResult execute(
      PreparedSql statement,
      @Nullable Batch parameters,
      @Nullable String transaction,
      Cancel cancel);

  /** {@link #prepare} and {@link #execute} in one. */
  default SqlResult execute(String sql, @Nullable String transaction, Cancel cancel) {
    try (PreparedSql prepared = prepare(sql, transaction)) {
      return execute(prepared, null, transaction, cancel);
    }
  }

  /** The answer to a statement. */
  sealed interface SqlResult {
    /**
     * Rows. An autocommitted query's snapshot and memory are held until the source is closed or
     * drained.
     */
    record Rows(List<Field> fields, BatchSource batches) implements SqlResult {}

    record UpdateCount(long rows) implements SqlResult {}
  }

  /** A caller's wish to stop; polled by the executing threads. */
  interface Cancel {
    Cancel NEVER = () -> false;

    boolean isCancelled();
  }

  /** Opens a transaction named by the returned handle. Free until its first statement. */
  String beginTransaction();

  /**
   * Ends a transaction opened by {@link #beginTransaction}. Unknown handles are 25000-class errors.
   */
  void endTransaction(String transaction, boolean commit, Cancel cancel);

  /**
   * Atomic bulk ingest of a stream into a table.
   *
   * @param fields names and types of the source's columns; matched to table columns by name; types
   *     are cast by assignment rules
   * @return rows added
   */
  long ingest(
      IngestTarget target,
      List<Field> fields,
      BatchSource rows,
      @Nullable String transaction,
      Cancel cancel);

  /**
   * @param schema null = the session's current schema
   * @param ifMissing what to do when the table does not exist
   * @param ifExists what to do when it exists
   */
  record IngestTarget(
      @Nullable String schema, String table, IfMissing ifMissing, IfExists ifExists) {
    public enum IfMissing {
      FAIL,
      CREATE
    }

    public enum IfExists {
      FAIL,
      APPEND,
      REPLACE
    }
  }

  /** Schemas of the database, sorted. */
  List<String> schemas();

  /** Tables and views, sorted by schema and name; information_schema's included. */
  List<TableInfo> tables();

  /**
   * @param type TABLE, VIEW or SYSTEM TABLE
   * @param columns in order; defaults maps column name to its DEFAULT's SQL text
   * @param primaryKey column names in key order, empty if none
   */
  record TableInfo(
      String schema,
      String name,
      String type,
      List<Field> columns,
      Map<String, String> defaults,
      List<String> primaryKey,
      String primaryKeyName) {}

  /** Settings as SHOW shows them. */
  Map<String, String> settings();

  /** As SET does; 42704 unknown name, 22023 bad value. Null value = RESET. */
  void set(String name, @Nullable String value);

  /** Rolls back what is open. Idempotent. */
  @Override
  void close();
}

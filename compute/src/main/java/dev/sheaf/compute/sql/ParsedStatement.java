package dev.sheaf.compute.sql;

import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One parsed statement. Immutable. Names are folded but not resolved; {@code parameters} is the
 * number of statement parameters (the highest {@code $n}, or the count of {@code ?}).
 */
public sealed interface ParsedStatement {

  /** Nothing but blanks, comments and perhaps a semicolon: succeeds and does nothing. */
  record Empty() implements ParsedStatement {}

  record Query(SqlQuery query, int parameters) implements ParsedStatement {}

  /**
   * @param columns empty = all, in table order
   * @param source null = DEFAULT VALUES
   * @param conflict null = no ON CONFLICT clause
   */
  record Insert(
      TableName table,
      @Nullable Identifier alias,
      List<Identifier> columns,
      @Nullable SqlQuery source,
      @Nullable OnConflict conflict,
      List<SqlQuery.SelectItem> returning,
      int parameters)
      implements ParsedStatement {}

  /**
   * @param target key columns named by ON CONFLICT (...), may be empty for DO NOTHING
   * @param update null = DO NOTHING
   */
  record OnConflict(
      List<Identifier> target,
      @Nullable List<Assignment> update,
      @Nullable SqlExpression where,
      Position position) {}

  record Assignment(Identifier column, SqlExpression value) {}

  record Update(
      TableName table,
      @Nullable Identifier alias,
      List<Assignment> assignments,
      @Nullable SqlExpression where,
      List<SqlQuery.SelectItem> returning,
      int parameters)
      implements ParsedStatement {}

  record Delete(
      TableName table,
      @Nullable Identifier alias,
      @Nullable SqlExpression where,
      List<SqlQuery.SelectItem> returning,
      int parameters)
      implements ParsedStatement {}

  record Truncate(List<TableName> tables) implements ParsedStatement {}

  record CreateSchema(Identifier name, boolean ifNotExists) implements ParsedStatement {}

  record DropSchema(Identifier name, boolean ifExists, boolean cascade)
      implements ParsedStatement {}

  /**
   * @param columns empty with {@code as}, unless the statement names them
   * @param primaryKey null = none
   * @param as CREATE TABLE ... AS query, null = columns are declared
   * @param withData false = WITH NO DATA
   */
  record CreateTable(
      TableName table,
      boolean ifNotExists,
      List<ColumnDefinition> columns,
      @Nullable PrimaryKey primaryKey,
      List<CheckDefinition> checks,
      @Nullable Query as,
      List<Identifier> asColumns,
      boolean withData)
      implements ParsedStatement {}

  /**
   * @param defaultSql text of the DEFAULT expression, null = none
   */
  record ColumnDefinition(
      Identifier name,
      SqlType type,
      boolean nullable,
      @Nullable String defaultSql,
      Position defaultPosition) {}

  /**
   * @param name null = the catalog chooses
   */
  record PrimaryKey(@Nullable Identifier name, List<Identifier> columns) {}

  /**
   * @param name null = the catalog chooses
   * @param column the column that carries the constraint, null = the table does
   */
  record CheckDefinition(
      @Nullable Identifier name,
      @Nullable Identifier column,
      String conditionSql,
      Position position) {}

  record DropTable(List<TableName> tables, boolean ifExists, boolean cascade)
      implements ParsedStatement {}

  record AlterTable(TableName table, boolean ifExists, AlterAction action)
      implements ParsedStatement {}

  /** What ALTER TABLE changes. */
  sealed interface AlterAction {
    record AddColumn(ColumnDefinition column, boolean ifNotExists, List<CheckDefinition> checks)
        implements AlterAction {}

    record DropColumn(Identifier column, boolean ifExists) implements AlterAction {}

    record RenameColumn(Identifier column, Identifier to) implements AlterAction {}

    record RenameTable(Identifier to) implements AlterAction {}

    record SetDefault(Identifier column, String defaultSql, Position position)
        implements AlterAction {}

    record DropDefault(Identifier column) implements AlterAction {}

    record SetNotNull(Identifier column) implements AlterAction {}

    record DropNotNull(Identifier column) implements AlterAction {}

    record AddCheck(CheckDefinition check) implements AlterAction {}

    record DropConstraint(Identifier name, boolean ifExists) implements AlterAction {}
  }

  /** As requested; the transaction layer may give a stronger one. */
  enum Isolation {
    READ_COMMITTED,
    SNAPSHOT,
    SERIALIZABLE
  }

  /** Modes of BEGIN and SET TRANSACTION; null = the session's setting. */
  record TransactionModes(@Nullable Isolation isolation, @Nullable Boolean readOnly) {}

  record Begin(TransactionModes modes) implements ParsedStatement {}

  record Commit() implements ParsedStatement {}

  record Rollback() implements ParsedStatement {}

  /** SET TRANSACTION, or with {@code session} SET SESSION CHARACTERISTICS AS TRANSACTION. */
  record SetTransaction(TransactionModes modes, boolean session) implements ParsedStatement {}

  /**
   * @param values as written, unquoted; null = DEFAULT
   * @param local only until the transaction ends
   */
  record SetVariable(Identifier name, @Nullable List<String> values, boolean local)
      implements ParsedStatement {}

  /**
   * @param name null = ALL
   */
  record Show(@Nullable Identifier name) implements ParsedStatement {}

  /** SHOW STATEMENTS: what runs on the database now. */
  record ShowStatements() implements ParsedStatement {}

  /**
   * SHOW DIFF: what two databases, or two moments of one, have different.
   *
   * @param table null = a summary of all tables
   * @param limit rows at most, null = no limit
   */
  record ShowDiff(@Nullable TableName table, DiffState from, DiffState to, @Nullable Integer limit)
      implements ParsedStatement {}

  /**
   * A database at a moment.
   *
   * @param database null = the session's own
   * @param atSql expression of a timestamp, null = now
   */
  record DiffState(@Nullable Identifier database, @Nullable String atSql, Position position) {}

  /**
   * @param name null = ALL
   */
  record Reset(@Nullable Identifier name) implements ParsedStatement {}

  record Explain(boolean analyze, ParsedStatement statement) implements ParsedStatement {}

  enum CopyFormat {
    CSV,
    ARROW,
    /** To files only. */
    PARQUET
  }

  /**
   * @param delimiter one character
   * @param nullText what stands for NULL
   * @param quote one character
   */
  record CopyOptions(
      CopyFormat format, boolean header, char delimiter, char quote, String nullText) {}

  /**
   * @param columns empty = all
   * @param path null = STDIN
   */
  record CopyFrom(
      TableName table, List<Identifier> columns, @Nullable String path, CopyOptions options)
      implements ParsedStatement {}

  /**
   * @param source what to write; COPY of a table arrives as a query
   * @param path null = STDOUT
   */
  record CopyTo(Query source, @Nullable String path, CopyOptions options)
      implements ParsedStatement {}
}

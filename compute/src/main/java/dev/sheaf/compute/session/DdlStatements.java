package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.catalog.CatalogEditor;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.ParsedStatement.AlterTable;
import dev.sheaf.compute.sql.ParsedStatement.ColumnDefinition;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.transaction.DmlExecutor;
import dev.sheaf.compute.transaction.StatementWrites;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs DDL as writes of catalog rows in the statement's transaction. Stateless. */
final class DdlStatements {
  private static final SqlResult DONE = new SqlResult.UpdateCount(0);

  private DdlStatements() {}

  /** Applies a change of the catalog to the transaction. */
  static void edit(StatementScope scope, Consumer<CatalogEditor> change) {
    scope.transaction().requireWritable("DDL");
    StatementWrites writes = scope.transaction().beginStatement();
    change.accept(
        new CatalogEditor(
            scope.names(), writes, new PlannerExpressions(scope), scope::nextTableId));
    scope.transaction().finishStatement(writes, scope.deadline());
  }

  /**
   * @param parameters of CREATE TABLE AS, which runs once
   */
  static SqlResult run(
      ParsedStatement statement, @Nullable Batch parameters, StatementScope scope) {
    switch (statement) {
      case ParsedStatement.CreateSchema create -> edit(scope, e -> e.createSchema(create));
      case ParsedStatement.DropSchema drop -> edit(scope, e -> e.dropSchema(drop));
      case CreateTable create when create.as() != null -> {
        return createAs(create, create.as(), parameters, scope);
      }
      case CreateTable create -> edit(scope, e -> e.createTable(create));
      case ParsedStatement.DropTable drop -> edit(scope, e -> e.dropTables(drop));
      case ParsedStatement.Truncate truncate -> edit(scope, e -> e.truncate(truncate.tables()));
      case AlterTable alter -> alter(alter, scope);
      default -> throw new IllegalArgumentException("not DDL: " + statement.getClass());
    }
    return DONE;
  }

  private static void alter(AlterTable alter, StatementScope scope) {
    Optional<TableDescriptor> table =
        alter.ifExists()
            ? scope.names().find(alter.table())
            : Optional.of(scope.names().require(alter.table()));
    if (table.isEmpty()) {
      return;
    }
    if (restrictsRows(alter.action()) && !scope.createdHere(table.get())) {
      throw needsOwnTransaction("ALTER TABLE ... SET NOT NULL or ADD CHECK");
    }
    edit(
        scope,
        editor -> {
          TableDescriptor changed = editor.alter(table.get(), alter.action());
          if (changed != null) {
            ExistingRows.requireFit(table.get(), changed, alter.action(), scope);
          }
        });
  }

  private static SqlResult createAs(
      CreateTable create,
      ParsedStatement.Query query,
      @Nullable Batch parameters,
      StatementScope scope) {
    PlannedStatement planned = Planner.plan(query, scope.catalogView(), scope.settings().planner());
    CreateTable declared = withColumns(create, planned.result());
    List<TableDescriptor> created = new ArrayList<>();
    edit(scope, editor -> editor.createTable(declared).ifPresent(created::add));
    if (created.isEmpty() || !create.withData()) {
      return DONE;
    }
    var insert =
        new PlanNode.Insert(
            created.getFirst(), planned.plan(), null, List.of(), List.of(), List.of());
    var bound = Parameters.of(planned.parameters(), parameters);
    var context = scope.dml(scope.execution(bound.row(0), null));
    return new SqlResult.UpdateCount(DmlExecutor.execute(insert, context).count());
  }

  private static CreateTable withColumns(CreateTable create, List<Field> fields) {
    List<Identifier> names = create.asColumns();
    if (names.size() > fields.size()) {
      throw create
          .table()
          .position()
          .error(ErrorCode.SYNTAX_ERROR, "too many column names were specified");
    }
    List<ColumnDefinition> columns = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      Identifier name =
          i < names.size()
              ? names.get(i)
              : new Identifier(fields.get(i).name(), create.table().position());
      columns.add(column(name, fields.get(i).type()));
    }
    return new CreateTable(
        create.table(),
        create.ifNotExists(),
        columns,
        create.primaryKey(),
        create.checks(),
        null,
        List.of(),
        create.withData());
  }

  /** A nullable column without a default. */
  static ColumnDefinition column(Identifier name, SqlType type) {
    SqlType stored = type.kind() == SqlType.Kind.NULL ? SqlType.TEXT : type;
    return new ColumnDefinition(name, stored, true, null, name.position());
  }

  /** Whether ALTER TABLE puts a condition on rows that exist. */
  static boolean restrictsRows(AlterAction action) {
    return action instanceof AlterAction.SetNotNull || action instanceof AlterAction.AddCheck;
  }

  private static SheafException needsOwnTransaction(String what) {
    return new SheafException(
            ErrorCode.ACTIVE_SQL_TRANSACTION, what + " cannot run inside a transaction block")
        .withHint(
            "It needs several transactions to check rows without blocking writers. Tables created"
                + " in the same transaction are the exception.");
  }
}

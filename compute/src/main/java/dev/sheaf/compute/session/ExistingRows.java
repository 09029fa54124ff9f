package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashSet;
import java.util.Set;

/** Whether the rows that a table has meet a condition that ALTER TABLE adds. Stateless. */
final class ExistingRows {
  private ExistingRows() {}

  /**
   * Checks the rows that the scope sees.
   *
   * @throws SheafException 23502 or 23514 naming the column or constraint
   */
  static void requireFit(
      TableDescriptor before, TableDescriptor after, AlterAction action, StatementScope scope) {
    switch (action) {
      case AlterAction.SetNotNull set -> requireNoNulls(before, set.column().name(), scope);
      case AlterAction.AddCheck _ -> {
        CheckDescriptor added = after.checks().getLast();
        requireHolds(before, added, scope);
      }
      case AlterAction.AddColumn add -> {
        if (!add.checks().isEmpty()) {
          throw new SheafException(
                  ErrorCode.FEATURE_NOT_SUPPORTED, "ADD COLUMN with CHECK is not supported")
              .withHint("Add the column first, then the constraint with ADD CHECK.");
        }
      }
      case AlterAction.DropColumn _,
          AlterAction.RenameColumn _,
          AlterAction.RenameTable _,
          AlterAction.SetDefault _,
          AlterAction.DropDefault _,
          AlterAction.DropNotNull _,
          AlterAction.DropConstraint _ -> {}
    }
  }

  static void requireNoNulls(TableDescriptor table, String column, StatementScope scope) {
    if (someRow(table, quoted(column) + " IS NULL", scope)) {
      throw new SheafException(
          ErrorCode.NOT_NULL_VIOLATION,
          "column \"" + column + "\" of relation \"" + table.name() + "\" contains null values");
    }
  }

  static void requireHolds(TableDescriptor table, CheckDescriptor check, StatementScope scope) {
    if (someRow(table, "NOT (" + check.conditionSql() + ")", scope)) {
      throw new SheafException(
          ErrorCode.CHECK_VIOLATION,
          "check constraint \""
              + check.name()
              + "\" of relation \""
              + table.name()
              + "\" is violated by some row");
    }
  }

  private static boolean someRow(TableDescriptor table, String condition, StatementScope scope) {
    String sql =
        "SELECT 1 FROM "
            + quoted(table.schema())
            + "."
            + quoted(table.name())
            + " WHERE "
            + condition
            + " LIMIT 1";
    var plan =
        Planner.plan(SqlParser.parse(sql), scope.catalogView(), scope.settings().planner()).plan();
    try (BatchSource rows =
        scope.engine().queries.run(plan, scope.execution(new Object[0], null))) {
      for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
        if (!batch.isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** A check that says what NOT NULL will say. */
  static CheckDescriptor notNullCheck(TableDescriptor table, ColumnDescriptor column) {
    Set<String> taken = new HashSet<>();
    table.checks().forEach(check -> taken.add(check.name()));
    String wanted = table.name() + "_" + column.name() + "_not_null";
    String name = wanted;
    for (int n = 1; taken.contains(name); n++) {
      name = wanted + n;
    }
    return new CheckDescriptor(name, quoted(column.name()) + " IS NOT NULL");
  }
}

package dev.sheaf.compute.session;

import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.ParsedStatement.AlterTable;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * ALTER TABLE ... SET NOT NULL and ADD CHECK outside of a transaction block. A writer whose
 * snapshot is older than the change could slip a bad row past a single scan, so it takes steps,
 * each a transaction:
 *
 * <ol>
 *   <li>the condition becomes a check, enforced on all later writes (older writers fail with 40001
 *       by their guard on the table);
 *   <li>a scan at a newer snapshot looks for a row that does not meet it: if there is one, the
 *       check is dropped and the statement fails;
 *   <li>for NOT NULL, the column becomes NOT NULL and the check goes.
 * </ol>
 *
 * A compute that dies in between leaves a check that new rows meet: DROP CONSTRAINT removes it.
 */
final class ConstraintChange {

  /** Runs work in an autocommitted transaction, again after a conflict. */
  interface InTransaction {
    <T extends @Nullable Object> T run(Function<StatementScope, T> work);
  }

  private record Added(int tableId, CheckDescriptor check, int notNullColumn) {}

  private final InTransaction transactions;

  ConstraintChange(InTransaction transactions) {
    this.transactions = transactions;
  }

  void run(AlterTable alter) {
    Added added = transactions.run(scope -> addCheck(alter, scope));
    if (added == null) {
      return;
    }
    try {
      transactions.run(scope -> {
        validate(added, scope);
        return true;
      });
    } catch (SheafException e) {
      change(added, (editor, table) -> editor.dropCheck(table, added.check().name()));
      throw e;
    }
    if (added.notNullColumn() != 0) {
      change(
          added,
          (editor, table) ->
              editor.checkToNotNull(table, added.check().name(), added.notNullColumn()));
    }
  }

  private static @Nullable Added addCheck(AlterTable alter, StatementScope scope) {
    Optional<TableDescriptor> found =
        alter.ifExists()
            ? scope.names().find(alter.table())
            : Optional.of(scope.names().require(alter.table()));
    if (found.isEmpty()) {
      return null;
    }
    TableDescriptor table = found.get();
    if (alter.action() instanceof AlterAction.SetNotNull set) {
      ColumnDescriptor column =
          table
              .column(set.column().name())
              .orElseThrow(() ->
                  set.column()
                      .position()
                      .error(
                          ErrorCode.UNDEFINED_COLUMN,
                          "column \""
                              + set.column().name()
                              + "\" of relation \""
                              + table.name()
                              + "\" does not exist"));
      if (!column.nullable()) {
        return null;
      }
      CheckDescriptor check = ExistingRows.notNullCheck(table, column);
      DdlStatements.edit(scope, editor -> editor.addCheck(table, check));
      return new Added(table.id(), check, column.id());
    }
    CheckDescriptor[] check = new CheckDescriptor[1];
    DdlStatements.edit(
        scope,
        editor -> {
          TableDescriptor changed = editor.alter(table, alter.action());
          if (changed != null) {
            check[0] = changed.checks().getLast();
          }
        });
    return new Added(table.id(), check[0], 0);
  }

  private static void validate(Added added, StatementScope scope) {
    TableDescriptor table = scope.catalog().table(added.tableId());
    if (table == null) {
      throw new SheafException(
          ErrorCode.SERIALIZATION_FAILURE, "the table was dropped while its rows were checked");
    }
    if (added.notNullColumn() != 0) {
      String column = table.columns().get(table.ordinalOf(added.notNullColumn())).name();
      ExistingRows.requireNoNulls(table, column, scope);
    } else {
      ExistingRows.requireHolds(table, added.check(), scope);
    }
  }

  private interface TableEdit {
    void apply(dev.sheaf.compute.catalog.CatalogEditor editor, TableDescriptor table);
  }

  private void change(Added added, TableEdit edit) {
    transactions.run(scope -> {
      TableDescriptor table = scope.catalog().table(added.tableId());
      if (table != null) {
        DdlStatements.edit(scope, editor -> edit.apply(editor, table));
      }
      return true;
    });
  }
}

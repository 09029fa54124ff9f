package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import java.util.Arrays;

/** UPDATE and DELETE: rows that exist, named by their encoded key. */
final class ChangeRows {
  private ChangeRows() {}

  /** Input: the old row's columns, the key, the new row's columns. */
  static final class Updates implements RowChange {
    private final int columns;
    private final boolean hiddenKey;
    private final TableRows rows;
    private final RowRules rules;
    private final Returning returning;
    private final StatementWrites writes;

    Updates(PlanNode.Update update, StatementWrites writes, DmlContext context) {
      this.columns = update.table().columns().size();
      this.hiddenKey = update.table().hasHiddenRowId();
      this.rows = new TableRows(update.table());
      this.rules = new RowRules(update.table(), update.checks(), context.expressions());
      this.returning = new Returning(update.returning(), context);
      this.writes = writes;
    }

    @Override
    public void accept(Batch input) {
      Vec[] newColumns = Arrays.copyOfRange(input.columns(), columns + 1, 2 * columns + 1);
      var changed = new Batch(newColumns, input.rows(), input.selection(), input.selected());
      rules.check(changed);
      var oldKeys = (Vec.BytesVec) input.column(columns);
      int[] selection = new int[input.selected()];
      int selected = 0;
      for (int i = 0; i < input.selected(); i++) {
        int row = input.row(i);
        byte[] oldKey = oldKeys.bytes(row);
        byte[] newKey = hiddenKey ? oldKey : rows.key(changed, 0, row);
        // A row that the input names twice is changed once.
        if (writes.update(oldKey, newKey, rows.row(changed, 0, row))) {
          selection[selected++] = row;
        }
      }
      returning.add(changed.select(selection, selected));
    }

    @Override
    public DmlResult result() {
      return returning.result();
    }
  }

  /** Input: the old row's columns, the key. */
  static final class Deletes implements RowChange {
    private final int columns;
    private final Returning returning;
    private final StatementWrites writes;

    Deletes(PlanNode.Delete delete, StatementWrites writes, DmlContext context) {
      this.columns = delete.table().columns().size();
      this.returning = new Returning(delete.returning(), context);
      this.writes = writes;
    }

    @Override
    public void accept(Batch input) {
      var keys = (Vec.BytesVec) input.column(columns);
      int[] selection = new int[input.selected()];
      int selected = 0;
      for (int i = 0; i < input.selected(); i++) {
        int row = input.row(i);
        if (writes.remove(keys.bytes(row))) {
          selection[selected++] = row;
        }
      }
      Vec[] oldColumns = Arrays.copyOf(input.columns(), columns);
      returning.add(new Batch(oldColumns, input.rows(), selection, selected));
    }

    @Override
    public DmlResult result() {
      return returning.result();
    }
  }
}

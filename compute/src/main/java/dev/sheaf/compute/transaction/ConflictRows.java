package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** INSERT ... ON CONFLICT: looks up each proposed key, then inserts, skips or updates. */
final class ConflictRows implements RowChange {
  private final TableDescriptor table;
  private final TableRows rows;
  private final RowRules rules;
  private final Returning returning;
  private final StatementWrites writes;
  private final DmlContext context;
  private final List<Integer> allColumns;
  private final @Nullable List<Evaluator> assignments;
  private final @Nullable Evaluator condition;

  ConflictRows(
      PlanNode.Insert insert,
      PlanNode.Conflict conflict,
      StatementWrites writes,
      DmlContext context) {
    this.table = insert.table();
    this.rows = new TableRows(table);
    this.rules = new RowRules(table, insert.checks(), context.expressions());
    this.returning = new Returning(insert.returning(), context);
    this.writes = writes;
    this.context = context;
    this.allColumns = IntStream.range(0, table.columns().size()).boxed().toList();
    this.assignments =
        conflict.assignments() == null
            ? null
            : conflict.assignments().stream().map(context.expressions()::compile).toList();
    this.condition =
        conflict.condition() == null ? null : context.expressions().compile(conflict.condition());
  }

  @Override
  public void accept(Batch input) {
    Vec[] columns = Arrays.copyOf(input.columns(), table.columns().size());
    var proposed = new Batch(columns, input.rows(), input.selection(), input.selected());
    rules.check(proposed);
    if (table.hasHiddenRowId()) {
      insertAll(proposed);
      return;
    }
    List<byte[]> keys = new ArrayList<>(proposed.selected());
    for (int i = 0; i < proposed.selected(); i++) {
      keys.add(rows.key(proposed, 0, proposed.row(i)));
    }
    Batch existing = context.execution().storage().lookup(table, allColumns, true, keys, null);
    NavigableMap<byte[], Integer> existingByKey = byKey(existing);
    int[] selection = new int[keys.size()];
    int selected = 0;
    var pairs = new Pairs(table);
    for (int i = 0; i < keys.size(); i++) {
      int row = proposed.row(i);
      byte[] key = keys.get(i);
      Integer found = existingByKey.get(key);
      if (writes.leavesRow(key)) {
        requireNoSecondUpdate();
      } else if (found == null) {
        writes.insert(key, rows.row(proposed, 0, row));
        selection[selected++] = row;
      } else if (assignments != null) {
        if (!pairs.add(key, existing, found, proposed, row)) {
          requireNoSecondUpdate();
        }
      }
    }
    returning.add(proposed.select(selection, selected));
    if (assignments != null && pairs.size() > 0) {
      update(pairs, assignments);
    }
  }

  private void insertAll(Batch proposed) {
    long rowId = context.rowIds().applyAsLong(proposed.selected());
    for (int i = 0; i < proposed.selected(); i++) {
      writes.insertFresh(
          TableKey.encodeRowId(table.id(), rowId + i), rows.row(proposed, 0, proposed.row(i)));
    }
    returning.add(proposed);
  }

  private void requireNoSecondUpdate() {
    if (assignments != null) {
      throw new SheafException(
              ErrorCode.CARDINALITY_VIOLATION,
              "ON CONFLICT DO UPDATE command cannot affect row a second time")
          .withHint("No two rows proposed by one command may have the same key.");
    }
  }

  private static NavigableMap<byte[], Integer> byKey(Batch existing) {
    NavigableMap<byte[], Integer> byKey = new TreeMap<>(TableKey::compare);
    var keys = (Vec.BytesVec) existing.column(existing.columns().length - 1);
    for (int i = 0; i < existing.selected(); i++) {
      byKey.put(keys.bytes(existing.row(i)), existing.row(i));
    }
    return byKey;
  }

  private void update(Pairs pairs, List<Evaluator> newValues) {
    Batch both = pairs.build();
    if (condition != null) {
      both = condition.select(both);
    }
    if (both.isEmpty()) {
      return;
    }
    Vec[] columns = new Vec[newValues.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = newValues.get(i).evaluate(both);
    }
    var changed = new Batch(columns, both.rows(), both.selection(), both.selected());
    rules.check(changed);
    for (int i = 0; i < changed.selected(); i++) {
      int row = changed.row(i);
      byte[] oldKey = pairs.keys.get(row);
      if (!writes.update(oldKey, rows.key(changed, 0, row), rows.row(changed, 0, row))) {
        requireNoSecondUpdate();
      }
    }
    returning.add(changed);
  }

  @Override
  public DmlResult result() {
    return returning.result();
  }

  /** Existing rows side by side with the rows proposed for their keys. */
  private static final class Pairs {
    private final int columns;
    private final List<byte[]> keys = new ArrayList<>();
    private final NavigableMap<byte[], Boolean> seen = new TreeMap<>(TableKey::compare);
    private final List<VecBuilder> builders = new ArrayList<>();

    Pairs(TableDescriptor table) {
      columns = table.columns().size();
      for (int side = 0; side < 2; side++) {
        for (ColumnDescriptor column : table.columns()) {
          builders.add(new VecBuilder(column.type().physical(), 16));
        }
      }
    }

    int size() {
      return keys.size();
    }

    /** False if the key is there already. */
    boolean add(byte[] key, Batch existing, int existingRow, Batch proposed, int proposedRow) {
      if (seen.putIfAbsent(key, true) != null) {
        return false;
      }
      keys.add(key);
      for (int i = 0; i < columns; i++) {
        builders.get(i).append(existing.column(i).value(existingRow));
        builders.get(columns + i).append(proposed.column(i).value(proposedRow));
      }
      return true;
    }

    Batch build() {
      return Batch.of(builders.stream().map(VecBuilder::build).toArray(Vec[]::new), keys.size());
    }
  }
}

package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.TableKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * INSERT without ON CONFLICT. Rows are buffered; an autocommitted statement without RETURNING that
 * buffered more than {@link TransactionLimits#bulkBytes} goes on as a bulk load, so that it may add
 * more rows than memory holds and is atomic all the same. Inside a transaction block the write
 * limit holds.
 */
final class InsertRows implements RowChange {
  private final TableDescriptor table;
  private final TableRows rows;
  private final RowRules rules;
  private final Returning returning;
  private final StatementWrites writes;
  private final DmlContext context;
  private final boolean mayLoad;
  private @Nullable BulkInsert bulk;

  InsertRows(PlanNode.Insert insert, StatementWrites writes, DmlContext context) {
    this.table = insert.table();
    this.rows = new TableRows(table);
    this.rules = new RowRules(table, insert.checks(), context.expressions());
    this.returning = new Returning(insert.returning(), context);
    this.writes = writes;
    this.context = context;
    this.mayLoad = !context.transaction().isExplicit() && insert.returning().isEmpty();
  }

  @Override
  public void accept(Batch input) {
    Vec[] columns = Arrays.copyOf(input.columns(), table.columns().size());
    var added = new Batch(columns, input.rows(), input.selection(), input.selected());
    rules.check(added);
    if (bulk == null
        && mayLoad
        && writes.sizeBytes() + liveBytes(added) > context.transaction().limits().bulkBytes()) {
      bulk = BulkInsert.takingOver(writes, table, context);
    }
    if (bulk != null) {
      TableRows.requireLengths(added);
      bulk.append(keys(added), added);
    } else {
      buffer(added);
    }
    returning.add(added);
  }

  /** About what the rows will take when they are buffered. */
  private static long liveBytes(Batch added) {
    long bytes = 0;
    for (Vec column : added.columns()) {
      bytes += 8L * added.selected();
      if (column instanceof Vec.BytesVec values) {
        for (int i = 0; i < added.selected(); i++) {
          bytes += values.length()[added.row(i)];
        }
      }
    }
    return bytes;
  }

  private void buffer(Batch added) {
    long rowId = firstRowId(added);
    for (int i = 0; i < added.selected(); i++) {
      int row = added.row(i);
      byte[] bytes = rows.row(added, 0, row);
      if (table.hasHiddenRowId()) {
        writes.insertFresh(TableKey.encodeRowId(table.id(), rowId + i), bytes);
      } else {
        writes.insert(rows.key(added, 0, row), bytes);
      }
    }
  }

  /** Keys at the rows' physical positions. */
  private Vec keys(Batch added) {
    return table.hasHiddenRowId() ? rows.rowIdKeys(added, firstRowId(added)) : rows.keys(added);
  }

  private long firstRowId(Batch added) {
    return table.hasHiddenRowId() ? context.rowIds().applyAsLong(added.selected()) : 0;
  }

  @Override
  public void finish() {
    if (bulk != null) {
      bulk.attach();
    }
  }

  @Override
  public DmlResult result() {
    return returning.result();
  }

  @Override
  public void close() {
    if (bulk != null) {
      bulk.close();
    }
  }
}

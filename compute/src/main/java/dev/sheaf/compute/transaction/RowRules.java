package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode.NamedCheck;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;

/**
 * What every row of a table must meet: NOT NULL (23502), the length of text columns (22001), CHECK
 * conditions (23514). Used by one thread.
 */
final class RowRules {
  private final TableDescriptor table;
  private final List<NamedEvaluator> checks = new ArrayList<>();

  private record NamedEvaluator(String name, Evaluator condition) {}

  RowRules(TableDescriptor table, List<NamedCheck> checks, Expressions expressions) {
    this.table = table;
    for (NamedCheck check : checks) {
      this.checks.add(new NamedEvaluator(check.name(), expressions.compile(check.condition())));
    }
  }

  /** Checks the live rows of a batch whose columns are the table's. */
  void check(Batch batch) {
    for (int i = 0; i < table.columns().size(); i++) {
      ColumnDescriptor column = table.columns().get(i);
      if (!column.nullable()) {
        requireNoNulls(batch, batch.column(i), column);
      }
      if (column.type().isText() && column.type().precision() >= 0) {
        requireLength(batch, (Vec.BytesVec) batch.column(i), column.type());
      }
    }
    for (NamedEvaluator check : checks) {
      requireTrue(batch, check);
    }
  }

  private void requireNoNulls(Batch batch, Vec values, ColumnDescriptor column) {
    if (!values.hasNulls()) {
      return;
    }
    for (int i = 0; i < batch.selected(); i++) {
      if (values.isNull(batch.row(i))) {
        throw new SheafException(
            ErrorCode.NOT_NULL_VIOLATION,
            "null value in column \""
                + column.name()
                + "\" of relation \""
                + table.name()
                + "\" violates not-null constraint");
      }
    }
  }

  private static void requireLength(Batch batch, Vec.BytesVec values, SqlType type) {
    for (int i = 0; i < batch.selected(); i++) {
      int row = batch.row(i);
      if (!values.isNull(row)
          && values.length()[row] > type.precision()
          && characters(values, row) > type.precision()) {
        throw new SheafException(
            ErrorCode.STRING_DATA_RIGHT_TRUNCATION, "value too long for type " + type);
      }
    }
  }

  /** UTF-8 characters: bytes that do not continue one. */
  private static int characters(Vec.BytesVec values, int row) {
    int count = 0;
    int end = values.start()[row] + values.length()[row];
    for (int i = values.start()[row]; i < end; i++) {
      if ((values.data()[i] & 0xC0) != 0x80) {
        count++;
      }
    }
    return count;
  }

  private void requireTrue(Batch batch, NamedEvaluator check) {
    var holds = (Vec.BoolVec) check.condition().evaluate(batch);
    for (int i = 0; i < batch.selected(); i++) {
      int row = batch.row(i);
      if (!holds.isNull(row) && holds.values()[row] == 0) {
        throw new SheafException(
            ErrorCode.CHECK_VIOLATION,
            "new row for relation \""
                + table.name()
                + "\" violates check constraint \""
                + check.name()
                + "\"");
      }
    }
  }
}

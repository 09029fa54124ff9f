package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the operators of a plan. Stateless. */
final class OperatorTree {

  Operator build(PlanNode node, Execution execution) {
    Profile profile = execution.context().profile();
    Operator operator = plain(node, execution);
    return profile == null ? operator : new ProfiledOperator(node, operator, profile, execution);
  }

  private Operator plain(PlanNode node, Execution execution) {
    return switch (node) {
      case PlanNode.TableScan n -> new ScanOperator(n, execution);
      case PlanNode.KeyLookup n -> new LeafOperator(() -> lookup(n, execution));
      case PlanNode.SystemScan n -> new LeafOperator(() -> systemRows(n, execution));
      case PlanNode.Values n -> new LeafOperator(() -> values(n, execution));
      case PlanNode.Filter n -> new FilterOperator(n, build(n.input(), execution), execution);
      case PlanNode.Project n -> new ProjectOperator(n, build(n.input(), execution), execution);
      case PlanNode.HashJoin n ->
          new JoinOperator(n, build(n.left(), execution), build(n.right(), execution), execution);
      case PlanNode.NestedLoopJoin n ->
          new JoinOperator(n, build(n.left(), execution), build(n.right(), execution), execution);
      case PlanNode.Correlate n ->
          new CorrelateOperator(n, build(n.left(), execution), this, execution);
      case PlanNode.Aggregate n -> new AggregateOperator(n, build(n.input(), execution), execution);
      case PlanNode.Window n -> new WindowOperator(n, build(n.input(), execution), execution);
      case PlanNode.Sort n ->
          n.keys().isEmpty()
              ? new LimitOperator(n, build(n.input(), execution), execution)
              : new SortOperator(n, build(n.input(), execution), execution);
      case PlanNode.UnionAll n ->
          new UnionOperator(n.inputs().stream().map(i -> build(i, execution)).toList());
      case PlanNode.Recursive n ->
          new RecursiveOperator(n, build(n.first(), execution), this, execution);
      case PlanNode.WorkingTable n ->
          new LeafOperator(() -> execution.workingTable(n.id()).slices());
      case PlanNode.SetOperation n ->
          new SetOperationOperator(
              n, build(n.left(), execution), build(n.right(), execution), execution);
      case PlanNode.Insert n -> throw notAQuery("INSERT");
      case PlanNode.Update n -> throw notAQuery("UPDATE");
      case PlanNode.Delete n -> throw notAQuery("DELETE");
    };
  }

  private static SheafException notAQuery(String what) {
    return new SheafException(
        ErrorCode.INTERNAL_ERROR,
        what + " is executed by the transaction, not by the query executor");
  }

  private static List<Batch> lookup(PlanNode.KeyLookup node, Execution execution) {
    List<byte[]> keys = KeyRanges.keys(node.table(), node.keys(), execution);
    Expr filter = node.filter();
    Evaluator condition = filter == null ? null : execution.compile(filter);
    List<Batch> out = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += Batch.MAX_ROWS) {
      execution.check();
      Batch found =
          execution
              .context()
              .storage()
              .lookup(
                  node.table(),
                  node.columns(),
                  node.withKey(),
                  keys.subList(from, Math.min(keys.size(), from + Batch.MAX_ROWS)),
                  KeyRanges.asOf(node.asOf(), execution));
      Batch passed = condition == null || found.isEmpty() ? found : condition.select(found);
      if (!passed.isEmpty()) {
        out.add(passed);
      }
    }
    return out;
  }

  private static List<Batch> systemRows(PlanNode.SystemScan node, Execution execution) {
    return batches(execution.context().systemTables().rows(node.name()), node.output());
  }

  private static List<Batch> values(PlanNode.Values node, Execution execution) {
    List<@Nullable Object[]> rows = new ArrayList<>(node.rows().size());
    for (List<Expr> row : node.rows()) {
      @Nullable Object[] values = new Object[row.size()];
      for (int c = 0; c < values.length; c++) {
        values[c] = execution.constant(row.get(c));
      }
      rows.add(values);
    }
    return batches(rows, node.output());
  }

  private static List<Batch> batches(List<@Nullable Object[]> rows, List<Field> fields) {
    PhysicalType[] types = Columns.types(fields);
    List<Batch> out = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += Batch.MAX_ROWS) {
      int n = Math.min(Batch.MAX_ROWS, rows.size() - from);
      Vec[] columns = new Vec[types.length];
      for (int c = 0; c < columns.length; c++) {
        @Nullable Object[] values = new Object[n];
        for (int i = 0; i < n; i++) {
          values[i] = rows.get(from + i)[c];
        }
        columns[c] = Vectors.of(types[c], values);
      }
      out.add(Batch.of(columns, n));
    }
    return out;
  }
}

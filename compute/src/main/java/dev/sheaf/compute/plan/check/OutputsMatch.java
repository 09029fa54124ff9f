package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A node's declared output is what its definition gives. */
final class OutputsMatch implements PlanCheck {
  @Override
  public void check(PlanNode node, Consumer<String> violations) {
    switch (node) {
      case PlanNode.TableScan s ->
          stored(s.table(), s.columns(), s.withKey(), s.output(), violations);
      case PlanNode.KeyLookup l ->
          stored(l.table(), l.columns(), l.withKey(), l.output(), violations);
      case PlanNode.SystemScan s -> {}
      case PlanNode.Values v ->
          v.rows().forEach(r -> same(r.stream().map(Expr::type).toList(), v.output(), violations));
      case PlanNode.Filter f -> {}
      case PlanNode.Project p ->
          same(p.expressions().stream().map(Expr::type).toList(), p.output(), violations);
      case PlanNode.HashJoin j -> joined(j.kind(), j.left(), j.right(), j.output(), violations);
      case PlanNode.NestedLoopJoin j ->
          joined(j.kind(), j.left(), j.right(), j.output(), violations);
      case PlanNode.Correlate c -> joined(c.kind(), c.left(), c.right(), c.output(), violations);
      case PlanNode.Aggregate a -> aggregated(a, violations);
      case PlanNode.Window w -> windows(w, violations);
      case PlanNode.Sort s -> {}
      case PlanNode.UnionAll u ->
          u.inputs().forEach(i -> same(types(i.output()), u.output(), violations));
      case PlanNode.WorkingTable w -> {}
      case PlanNode.Recursive r -> {
        same(types(r.first().output()), r.output(), violations);
        same(types(r.step().output()), r.output(), violations);
      }
      case PlanNode.SetOperation s -> {
        same(types(s.left().output()), s.output(), violations);
        same(types(s.right().output()), s.output(), violations);
      }
      case PlanNode.Insert i ->
          same(types(i.input().output()), NodeExpressions.columns(i.table()), violations);
      case PlanNode.Update u -> {
        var expected = keyed(u.table());
        expected.addAll(NodeExpressions.columns(u.table()));
        same(types(u.input().output()), expected, violations);
      }
      case PlanNode.Delete d -> same(types(d.input().output()), keyed(d.table()), violations);
    }
  }

  private static ArrayList<Field> keyed(TableDescriptor table) {
    var fields = new ArrayList<>(NodeExpressions.columns(table));
    fields.add(new Field("$key", SqlType.BYTEA, false));
    return fields;
  }

  private static void stored(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<Field> output,
      Consumer<String> violations) {
    var types = new ArrayList<SqlType>();
    columns.forEach(c -> types.add(table.columns().get(c).type()));
    if (withKey) {
      types.add(SqlType.BYTEA);
    }
    same(types, output, violations);
  }

  private static void joined(
      JoinKind kind,
      PlanNode left,
      PlanNode right,
      List<Field> output,
      Consumer<String> violations) {
    boolean leftOnly = kind == JoinKind.SEMI || kind == JoinKind.ANTI;
    same(types(leftOnly ? left.output() : NodeExpressions.both(left, right)), output, violations);
  }

  private static void aggregated(PlanNode.Aggregate node, Consumer<String> violations) {
    var types = new ArrayList<SqlType>();
    List<Field> input = node.input().output();
    node.groupBy().forEach(g -> types.add(input.get(g).type()));
    for (PlanNode.AggregateCall call : node.aggregates()) {
      types.add(call.type());
      if (call.columns().stream().anyMatch(c -> c >= input.size())
          || call.filter() >= input.size()) {
        violations.accept("aggregate over a missing column: " + call);
      }
    }
    same(types, node.output(), violations);
  }

  private static void windows(PlanNode.Window node, Consumer<String> violations) {
    var types = new ArrayList<>(types(node.input().output()));
    node.windows().forEach(w -> w.calls().forEach(c -> types.add(c.type())));
    same(types, node.output(), violations);
  }

  private static List<SqlType> types(List<Field> fields) {
    return fields.stream().map(Field::type).toList();
  }

  private static void same(
      List<SqlType> actual, List<Field> declared, Consumer<String> violations) {
    boolean same = actual.size() == declared.size();
    for (int i = 0; same && i < actual.size(); i++) {
      same = ColumnsExist.isSame(actual.get(i), declared.get(i).type());
    }
    if (!same) {
      violations.accept(actual + " declared as " + declared);
    }
  }
}

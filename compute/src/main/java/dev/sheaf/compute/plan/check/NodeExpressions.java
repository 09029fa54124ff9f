package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.NamedCheck;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The expressions of a node and the columns that each is over. */
final class NodeExpressions {
  /**
   * @param columns what its column indexes mean
   */
  record Scoped(Expr expr, List<Field> columns) {}

  private NodeExpressions() {}

  static List<Scoped> of(PlanNode node) {
    var found = new ArrayList<Scoped>();
    switch (node) {
      case PlanNode.TableScan s -> add(found, s.filter(), s.output());
      case PlanNode.KeyLookup l -> {
        l.keys().forEach(k -> k.forEach(e -> add(found, e, List.of())));
        add(found, l.filter(), l.output());
      }
      case PlanNode.SystemScan s -> {}
      case PlanNode.Values v -> v.rows().forEach(r -> r.forEach(e -> add(found, e, List.of())));
      case PlanNode.Filter f -> add(found, f.condition(), f.input().output());
      case PlanNode.Project p -> p.expressions().forEach(e -> add(found, e, p.input().output()));
      case PlanNode.HashJoin j -> add(found, j.residual(), both(j.left(), j.right()));
      case PlanNode.NestedLoopJoin j -> add(found, j.condition(), both(j.left(), j.right()));
      case PlanNode.Correlate c -> {}
      case PlanNode.Aggregate a -> {}
      case PlanNode.Window w -> {
        w.windows()
            .forEach(g ->
                g.calls().forEach(c -> c.frame().offsets().forEach(o -> add(found, o, List.of()))));
        add(found, w.limit() == null ? null : w.limit().count(), List.of());
      }
      case PlanNode.Sort s -> {
        add(found, s.offset(), List.of());
        add(found, s.fetch(), List.of());
      }
      case PlanNode.UnionAll u -> {}
      case PlanNode.SetOperation s -> {}
      case PlanNode.Recursive r -> {}
      case PlanNode.WorkingTable w -> {}
      case PlanNode.Insert i -> insert(i, found);
      case PlanNode.Update u -> {
        checks(u.checks(), u.table(), found);
        u.returning().forEach(e -> add(found, e, columns(u.table())));
      }
      case PlanNode.Delete d -> d.returning().forEach(e -> add(found, e, columns(d.table())));
    }
    return found;
  }

  private static void insert(PlanNode.Insert insert, List<Scoped> found) {
    List<Field> columns = columns(insert.table());
    checks(insert.checks(), insert.table(), found);
    insert.returning().forEach(e -> add(found, e, columns));
    PlanNode.Conflict conflict = insert.conflict();
    if (conflict != null) {
      var both = new ArrayList<>(columns);
      both.addAll(columns);
      List<Expr> assignments = conflict.assignments();
      if (assignments != null) {
        assignments.forEach(e -> add(found, e, both));
      }
      add(found, conflict.condition(), both);
    }
  }

  private static void checks(List<NamedCheck> checks, TableDescriptor table, List<Scoped> found) {
    checks.forEach(c -> add(found, c.condition(), columns(table)));
  }

  static List<Field> columns(TableDescriptor table) {
    return table.columns().stream().map(c -> new Field(c.name(), c.type(), c.nullable())).toList();
  }

  static List<Field> both(PlanNode left, PlanNode right) {
    var fields = new ArrayList<>(left.output());
    fields.addAll(right.output());
    return fields;
  }

  private static void add(List<Scoped> found, @Nullable Expr expr, List<Field> columns) {
    if (expr != null) {
      found.add(new Scoped(expr, columns));
    }
  }
}

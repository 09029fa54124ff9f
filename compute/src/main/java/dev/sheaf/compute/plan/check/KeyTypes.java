package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Join keys are pairwise of one type; key values of look-ups and ranges have the column's. */
final class KeyTypes implements PlanCheck {
  @Override
  public void check(PlanNode node, Consumer<String> violations) {
    switch (node) {
      case PlanNode.HashJoin join -> {
        for (int i = 0; i < join.leftKeys().size(); i++) {
          SqlType left = join.left().output().get(join.leftKeys().get(i)).type();
          SqlType right = join.right().output().get(join.rightKeys().get(i)).type();
          compare(left, right, violations);
        }
      }
      case PlanNode.KeyLookup lookup ->
          lookup.keys().forEach(k -> prefix(lookup.table(), k, violations));
      case PlanNode.TableScan scan -> {
        var values = new ArrayList<>(scan.keyBounds().equal());
        prefix(scan.table(), values, violations);
        bound(scan.table(), values.size(), scan.keyBounds().lower(), violations);
        bound(scan.table(), values.size(), scan.keyBounds().upper(), violations);
      }
      default -> {}
    }
  }

  private static void prefix(
      TableDescriptor table, List<Expr> values, Consumer<String> violations) {
    for (int i = 0; i < values.size(); i++) {
      bound(table, i, values.get(i), violations);
    }
  }

  private static void bound(
      TableDescriptor table, int position, @Nullable Expr value, Consumer<String> violations) {
    if (value != null) {
      int ordinal = table.ordinalOf(table.primaryKey().get(position));
      compare(table.columns().get(ordinal).type(), value.type(), violations);
    }
  }

  private static void compare(SqlType a, SqlType b, Consumer<String> violations) {
    if (!ArgumentTypes.isAlike(a, b)) {
      violations.accept(a + " against " + b);
    }
  }
}

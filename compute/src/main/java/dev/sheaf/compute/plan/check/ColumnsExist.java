package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import java.util.function.Consumer;

/** Column indexes are in range, and the column has the type that the expression gives it. */
final class ColumnsExist implements PlanCheck {
  @Override
  public void check(PlanNode node, Consumer<String> violations) {
    for (NodeExpressions.Scoped scoped : NodeExpressions.of(node)) {
      check(scoped.expr(), scoped.columns(), violations);
    }
  }

  private static void check(Expr expr, List<Field> columns, Consumer<String> violations) {
    switch (expr) {
      case Expr.Column c -> {
        if (c.index() < 0 || c.index() >= columns.size()) {
          violations.accept("column " + c.index() + " of " + columns.size());
        } else if (!isSame(columns.get(c.index()).type(), c.type())) {
          violations.accept("column " + columns.get(c.index()) + " is taken for " + c.type());
        }
      }
      case Expr.Call c -> c.args().forEach(a -> check(a, columns, violations));
      case Expr.Literal l -> {}
      case Expr.Parameter p -> {}
      case Expr.Correlated c -> {}
    }
  }

  /** Lengths of text do not matter: a value is what it is. */
  static boolean isSame(SqlType a, SqlType b) {
    return a.kind() == b.kind()
        && (a.kind() != SqlType.Kind.DECIMAL
            || (a.scale() == b.scale() && a.physical() == b.physical()));
  }
}

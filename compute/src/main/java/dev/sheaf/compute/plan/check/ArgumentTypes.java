package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.List;
import java.util.function.Consumer;

/** The contracts of {@link dev.sheaf.columnar.expression.Fn} on argument types. */
final class ArgumentTypes implements PlanCheck {
  @Override
  public void check(PlanNode node, Consumer<String> violations) {
    NodeExpressions.of(node).forEach(s -> check(s.expr(), violations));
  }

  private static void check(Expr expr, Consumer<String> violations) {
    if (!(expr instanceof Expr.Call call)) {
      return;
    }
    call.args().forEach(a -> check(a, violations));
    List<SqlType> types = call.args().stream().map(Expr::type).toList();
    boolean fine =
        switch (call.fn()) {
          case AND, OR, NOT -> types.stream().allMatch(t -> t.kind() == Kind.BOOLEAN);
          case EQ, NE, LT, LE, GT, GE, IS_DISTINCT_FROM, IS_NOT_DISTINCT_FROM, IN, NULLIF ->
              isUniform(types);
          case COALESCE, GREATEST, LEAST -> isUniform(types) && isAlike(types.get(0), call.type());
          case ADD, SUBTRACT, MODULO -> isUniform(types) && isAlike(types.get(0), call.type());
          case MULTIPLY ->
              isOneKind(types)
                  && (call.type().kind() != Kind.DECIMAL
                      || call.type().scale() == types.get(0).scale() + types.get(1).scale());
          case DIVIDE -> isOneKind(types);
          case CASE -> branches(types, call.type());
          default -> true;
        };
    if (!fine) {
      violations.accept(call.fn() + " of " + types + " giving " + call.type());
    }
  }

  private static boolean branches(List<SqlType> types, SqlType result) {
    for (int i = 0; i < types.size(); i++) {
      boolean value = i == types.size() - 1 || i % 2 == 1;
      if (!isAlike(types.get(i), value ? result : SqlType.BOOLEAN)) {
        return false;
      }
    }
    return types.size() % 2 == 1;
  }

  private static boolean isOneKind(List<SqlType> types) {
    return types.stream().map(SqlType::kind).distinct().count() == 1;
  }

  private static boolean isUniform(List<SqlType> types) {
    return types.stream().allMatch(t -> isAlike(t, types.getFirst()));
  }

  static boolean isAlike(SqlType a, SqlType b) {
    return a.kind() == b.kind() && a.scale() == b.scale();
  }
}

package dev.sheaf.compute.session;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.catalog.DdlExpressions;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** Checks and evaluates DDL's expressions by the planner and the engine. */
record PlannerExpressions(StatementScope scope) implements DdlExpressions {
  private static final Batch ONE_ROW = Batch.of(new Vec[0], 1);

  @Override
  public void checkDefault(String sql, SqlType type) {
    Planner.checkDefault(sql, type, scope.catalogView());
  }

  @Override
  public @Nullable Object constantDefault(String sql, SqlType type) {
    Expr expression = Planner.checkDefault(sql, type, scope.catalogView());
    if (differsPerRow(expression)) {
      throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED,
              "a new column's DEFAULT must be one value for all existing rows")
          .withHint("Add the column without it, UPDATE the rows, then SET DEFAULT.");
    }
    return scope.expressions(new Object[0]).compile(expression).evaluate(ONE_ROW).value(0);
  }

  private static boolean differsPerRow(Expr expression) {
    return expression instanceof Expr.Call call
        && (call.fn() == Fn.RANDOM
            || call.fn() == Fn.GEN_RANDOM_UUID
            || call.args().stream().anyMatch(PlannerExpressions::differsPerRow));
  }

  @Override
  public void checkCondition(String sql, TableDescriptor table) {
    Planner.checkCondition(sql, table, scope.catalogView());
  }
}

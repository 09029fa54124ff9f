package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.Profile;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.transaction.DmlContext;
import dev.sheaf.compute.transaction.DmlExecutor;
import dev.sheaf.compute.transaction.DmlResult;
import dev.sheaf.compute.transaction.ParameterRows;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs planned queries and DML, once per row of parameters. Stateless. */
final class DataStatements {
  private DataStatements() {}

  static SqlResult run(
      PlannedStatement planned,
      Parameters parameters,
      StatementScope scope,
      @Nullable Profile profile) {
    return switch (planned.plan()) {
      case PlanNode.Insert insert -> change(planned, "INSERT", insert, parameters, scope, profile);
      case PlanNode.Update update -> change(planned, "UPDATE", update, parameters, scope, profile);
      case PlanNode.Delete delete -> change(planned, "DELETE", delete, parameters, scope, profile);
      default -> new SqlResult.Rows(planned.result(), query(planned, parameters, scope, profile));
    };
  }

  private static BatchSource query(
      PlannedStatement planned,
      Parameters parameters,
      StatementScope scope,
      @Nullable Profile profile) {
    if (parameters.rows() == 1) {
      return scope
          .engine()
          .queries
          .run(planned.plan(), scope.execution(parameters.row(0), profile));
    }
    return new BatchSource() {
      private int next;
      private @Nullable BatchSource current;

      @Override
      public @Nullable Batch next() {
        while (current != null || next < parameters.rows()) {
          if (current == null) {
            var context = scope.execution(parameters.row(next++), profile);
            current = scope.engine().queries.run(planned.plan(), context);
          }
          Batch batch = current.next();
          if (batch != null) {
            return batch;
          }
          current.close();
          current = null;
        }
        return null;
      }

      @Override
      public void close() {
        next = parameters.rows();
        if (current != null) {
          current.close();
        }
      }
    };
  }

  private static SqlResult change(
      PlannedStatement planned,
      String command,
      PlanNode plan,
      Parameters parameters,
      StatementScope scope,
      @Nullable Profile profile) {
    planned.tables().forEach(table -> scope.requireWritable(command, table));
    List<Batch> returned = new ArrayList<>();
    long count = 0;
    DmlResult atOnce = parameters.rows() > 1 ? insertAtOnce(plan, parameters, scope) : null;
    if (atOnce != null) {
      count = atOnce.count();
      returned.addAll(atOnce.returned());
    } else {
      for (int i = 0; i < parameters.rows(); i++) {
        scope.checkAlive();
        DmlContext context = scope.dml(scope.execution(parameters.row(i), profile));
        DmlResult result = DmlExecutor.execute(plan, context);
        count += result.count();
        returned.addAll(result.returned());
      }
    }
    return planned.result().isEmpty()
        ? new SqlResult.UpdateCount(count)
        : new SqlResult.Rows(planned.result(), ResultRows.of(returned));
  }

  /** INSERT ... VALUES of many parameter rows is one statement over all; null if it is not that. */
  private static @Nullable DmlResult insertAtOnce(
      PlanNode plan, Parameters parameters, StatementScope scope) {
    if (!(plan instanceof PlanNode.Insert insert) || insert.conflict() != null) {
      return null;
    }
    DmlContext context = scope.dml(scope.execution(new Object[0], null));
    ParameterRows rows =
        ParameterRows.of(insert.input(), parameters.batches(), context.expressions());
    return rows == null ? null : DmlExecutor.insert(insert, scope.progress().input(rows), context);
  }
}

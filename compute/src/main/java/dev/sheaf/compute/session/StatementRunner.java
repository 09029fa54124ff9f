package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.Profile;
import dev.sheaf.compute.explain.PlanPrinter;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import dev.sheaf.rpc.sql.SqlSession.StatementKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Describes and runs statements that need a transaction. Stateless. */
final class StatementRunner {
  private static final List<Field> PLAN = TextRows.fields("QUERY PLAN");

  private StatementRunner() {}

  /** What a prepared statement tells its client. */
  record Description(StatementKind kind, List<Field> result, List<Field> parameters) {
    static final Description COMMAND = new Description(StatementKind.COMMAND, List.of(), List.of());
    static final Description COUNT = new Description(StatementKind.UPDATE, List.of(), List.of());
  }

  /** Whether the statement takes a transaction and {@link #run}; else it is a session command. */
  static boolean needsTransaction(ParsedStatement statement) {
    return switch (statement) {
      case ParsedStatement.Empty _,
          ParsedStatement.Begin _,
          ParsedStatement.Commit _,
          ParsedStatement.Rollback _,
          ParsedStatement.SetTransaction _,
          ParsedStatement.SetVariable _,
          ParsedStatement.Reset _,
          ParsedStatement.Show _,
          ParsedStatement.ShowStatements _ ->
          false;
      case ParsedStatement.Query _,
          ParsedStatement.Insert _,
          ParsedStatement.Update _,
          ParsedStatement.Delete _,
          ParsedStatement.Truncate _,
          ParsedStatement.CreateSchema _,
          ParsedStatement.DropSchema _,
          ParsedStatement.CreateTable _,
          ParsedStatement.DropTable _,
          ParsedStatement.AlterTable _,
          ParsedStatement.Explain _,
          ParsedStatement.ShowDiff _,
          ParsedStatement.CopyFrom _,
          ParsedStatement.CopyTo _ ->
          true;
    };
  }

  static Description describe(String sql, ParsedStatement statement, StatementScope scope) {
    return switch (statement) {
      case ParsedStatement.Query _ -> {
        PlannedStatement planned = scope.engine().plans.plan(sql, statement, scope);
        yield new Description(StatementKind.QUERY, planned.result(), planned.parameters());
      }
      case ParsedStatement.Insert _, ParsedStatement.Update _, ParsedStatement.Delete _ -> {
        PlannedStatement planned = scope.engine().plans.plan(sql, statement, scope);
        StatementKind kind =
            planned.result().isEmpty() ? StatementKind.UPDATE : StatementKind.QUERY;
        yield new Description(kind, planned.result(), planned.parameters());
      }
      case ParsedStatement.Explain explain -> {
        requirePlannable(explain.statement());
        Description inner = describe(innerText(sql), explain.statement(), scope);
        yield new Description(StatementKind.QUERY, PLAN, inner.parameters());
      }
      case ParsedStatement.CreateTable create when create.as() != null -> {
        Description query = describe(innerText(sql), create.as(), scope);
        yield new Description(StatementKind.UPDATE, List.of(), query.parameters());
      }
      case ParsedStatement.ShowDiff diff ->
          new Description(StatementKind.QUERY, new DiffStatement(diff, scope).fields(), List.of());
      case ParsedStatement.CopyTo copy when copy.path() == null ->
          new Description(StatementKind.QUERY, CopyStatements.STDOUT, List.of());
      case ParsedStatement.CopyFrom _, ParsedStatement.CopyTo _ -> Description.COUNT;
      default -> Description.COMMAND;
    };
  }

  /** The cache's name for the statement inside of EXPLAIN and the like. */
  private static String innerText(String sql) {
    return "inner: " + sql;
  }

  private static void requirePlannable(ParsedStatement statement) {
    switch (statement) {
      case ParsedStatement.Query _,
          ParsedStatement.Insert _,
          ParsedStatement.Update _,
          ParsedStatement.Delete _ -> {}
      default ->
          throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED,
              "EXPLAIN explains SELECT, INSERT, UPDATE and DELETE only");
    }
  }

  /**
   * @param promised the result's columns as the client knows them; null = it knows none
   */
  static SqlResult run(
      String sql,
      ParsedStatement statement,
      @Nullable List<Field> promised,
      @Nullable Batch parameters,
      StatementScope scope) {
    return switch (statement) {
      case ParsedStatement.Query _,
          ParsedStatement.Insert _,
          ParsedStatement.Update _,
          ParsedStatement.Delete _ -> {
        PlannedStatement planned = scope.engine().plans.plan(sql, statement, scope);
        if (promised != null) {
          requireSameResult(promised, planned.result());
        }
        if (!readsNothing(planned.plan())) {
          scope.transaction().settle(scope.deadline());
        }
        yield DataStatements.run(
            planned, Parameters.of(planned.parameters(), parameters), scope, null);
      }
      case ParsedStatement.Explain explain -> explain(innerText(sql), explain, parameters, scope);
      case ParsedStatement.ShowDiff diff -> {
        SqlResult.Rows rows = new DiffStatement(diff, scope).run();
        if (promised != null) {
          requireSame(promised, rows);
        }
        yield rows;
      }
      case ParsedStatement.CopyFrom copy ->
          new SqlResult.UpdateCount(CopyStatements.from(copy, scope));
      case ParsedStatement.CopyTo copy -> CopyStatements.to(copy, scope);
      default -> DdlStatements.run(statement, parameters, scope);
    };
  }

  /** Whether the plan only computes the rows that it inserts. */
  private static boolean readsNothing(PlanNode plan) {
    if (!(plan instanceof PlanNode.Insert insert) || insert.conflict() != null) {
      return false;
    }
    PlanNode input = insert.input();
    while (input instanceof PlanNode.Project project) {
      input = project.input();
    }
    return input instanceof PlanNode.Values;
  }

  private static void requireSame(List<Field> promised, SqlResult.Rows rows) {
    try {
      requireSameResult(promised, rows.fields());
    } catch (SheafException e) {
      rows.batches().close();
      throw e;
    }
  }

  private static void requireSameResult(List<Field> promised, List<Field> planned) {
    boolean same = promised.size() == planned.size();
    for (int i = 0; same && i < planned.size(); i++) {
      same = promised.get(i).type().equals(planned.get(i).type());
    }
    if (!same) {
      throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED, "cached plan must not change result type")
          .withHint("Prepare the statement again.");
    }
  }

  private static SqlResult explain(
      String sql,
      ParsedStatement.Explain explain,
      @Nullable Batch parameters,
      StatementScope scope) {
    requirePlannable(explain.statement());
    PlannedStatement planned = scope.engine().plans.plan(sql, explain.statement(), scope);
    Profile profile = explain.analyze() ? new Profile() : null;
    if (profile != null) {
      var bound = Parameters.of(planned.parameters(), parameters);
      drain(DataStatements.run(planned, bound, scope, profile));
    }
    List<List<String>> lines = new ArrayList<>();
    PlanPrinter.print(planned.plan(), profile).lines().forEach(line -> lines.add(List.of(line)));
    return TextRows.rows(PLAN, lines);
  }

  private static void drain(SqlResult result) {
    if (result instanceof SqlResult.Rows rows) {
      try (BatchSource batches = rows.batches()) {
        while (batches.next() != null) {
          // ANALYZE counts the rows; nobody reads them.
        }
      }
    }
  }
}

package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code INSERT ... VALUES (parameters)} for many rows of parameters at once: the
 * parameters become columns, and the VALUES expressions (casts, defaults) run over whole batches.
 * Used by one thread.
 */
public final class ParameterRows implements BatchSource {
  private final BatchSource parameters;
  private final List<Stages> valuesRows = new ArrayList<>();
  private final Deque<Batch> ready = new ArrayDeque<>();

  /** One row of VALUES, then the projections above it; each sees the parameters at the end. */
  private record Stages(List<List<Evaluator>> steps) {}

  private ParameterRows(
      PlanNode.Values values,
      List<PlanNode.Project> projections,
      BatchSource parameters,
      Expressions expressions) {
    this.parameters = parameters;
    for (List<Expr> row : values.rows()) {
      List<List<Evaluator>> steps = new ArrayList<>();
      steps.add(compile(row, 0, expressions));
      int width = row.size();
      for (PlanNode.Project projection : projections) {
        steps.add(compile(projection.expressions(), width, expressions));
        width = projection.expressions().size();
      }
      valuesRows.add(new Stages(steps));
    }
  }

  /**
   * @param parameters batches whose columns are the statement's parameters, at most {@link
   *     Batch#MAX_ROWS} rows each; closed with the result
   * @return null if the input is more than VALUES and projections
   */
  public static @Nullable ParameterRows of(
      PlanNode input, BatchSource parameters, Expressions expressions) {
    List<PlanNode.Project> projections = new ArrayList<>();
    PlanNode node = input;
    while (node instanceof PlanNode.Project project) {
      projections.addFirst(project);
      node = project.input();
    }
    return node instanceof PlanNode.Values values
        ? new ParameterRows(values, projections, parameters, expressions)
        : null;
  }

  private static List<Evaluator> compile(
      List<Expr> row, int firstParameter, Expressions expressions) {
    return row.stream()
        .map(expression -> expressions.compile(withColumns(expression, firstParameter)))
        .toList();
  }

  /** Parameter i becomes column {@code firstParameter + i}. */
  private static Expr withColumns(Expr expr, int firstParameter) {
    return switch (expr) {
      case Expr.Parameter p -> new Expr.Column(firstParameter + p.index(), p.type());
      case Expr.Call call ->
          new Expr.Call(
              call.fn(),
              call.args().stream().map(arg -> withColumns(arg, firstParameter)).toList(),
              call.type());
      case Expr.Literal _, Expr.Column _, Expr.Correlated _ -> expr;
    };
  }

  @Override
  public @Nullable Batch next() {
    while (ready.isEmpty()) {
      Batch batch = parameters.next();
      if (batch == null) {
        return null;
      }
      for (Stages stages : valuesRows) {
        ready.add(apply(stages, batch));
      }
    }
    return ready.poll();
  }

  private static Batch apply(Stages stages, Batch parameters) {
    Vec[] bound = parameters.columns();
    Batch current = parameters;
    for (List<Evaluator> step : stages.steps()) {
      Vec[] columns = Arrays.copyOf(new Vec[0], step.size() + bound.length);
      for (int i = 0; i < step.size(); i++) {
        columns[i] = step.get(i).evaluate(current);
      }
      System.arraycopy(bound, 0, columns, step.size(), bound.length);
      current = new Batch(columns, current.rows(), current.selection(), current.selected());
    }
    return current;
  }

  @Override
  public void close() {
    parameters.close();
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.EvaluationContext;
import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.ExpressionCompiler;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the operators of one execution share. Thread-safe.
 *
 * @param workingTables rows of recursions that this is a step of, by their ids
 * @param parallelism how many streams are worth offering here: 1 below a Correlate
 */
record Execution(
    ExecutionContext context,
    EvaluationContext evaluation,
    LongSupplier nanoClock,
    Abort abort,
    TaskRunner tasks,
    Spilling spilling,
    Map<Integer, WorkingTable> workingTables,
    int parallelism) {

  /** Set once when the execution has failed or is being closed. */
  static final class Abort {
    private volatile boolean aborted;

    void abort() {
      aborted = true;
    }

    boolean isAborted() {
      return aborted;
    }
  }

  /** Fails with 57014 when the statement is to stop; called per batch. */
  void check() {
    if (abort.isAborted() || context.cancel().isCancelled()) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "canceling statement due to user request");
    }
    context.deadline().check(nanoClock.getAsLong());
  }

  Evaluator compile(Expr expr) {
    return new ExpressionCompiler(evaluation).compile(expr);
  }

  List<Evaluator> compileAll(List<Expr> exprs) {
    return new ExpressionCompiler(evaluation).compileAll(exprs);
  }

  @Nullable Object constant(Expr expr) {
    return new ExpressionCompiler(evaluation).constant(expr);
  }

  /** The same for the right side of a Correlate at one left row: single-threaded. */
  Execution correlated(int correlateId, @Nullable Object[] row) {
    return new Execution(
        context,
        evaluation.withCorrelated(correlateId, row),
        nanoClock,
        abort,
        TaskRunner.callerOnly(),
        spilling,
        workingTables,
        1);
  }

  /** The same for a step of a recursion. */
  Execution recursive(int id, WorkingTable rows) {
    Map<Integer, WorkingTable> tables = new HashMap<>(workingTables);
    tables.put(id, rows);
    return new Execution(
        context, evaluation, nanoClock, abort, tasks, spilling, Map.copyOf(tables), parallelism);
  }

  WorkingTable workingTable(int id) {
    return Objects.requireNonNull(
        workingTables.get(id), "a working table outside of its recursion");
  }

  Reservation reservation() {
    return new Reservation(context.memory());
  }
}

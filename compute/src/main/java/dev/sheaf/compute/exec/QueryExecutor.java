package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.EvaluationContext;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Executes the query nodes of plans. Thread-safe; one per compute.
 *
 * <p>Errors reach the caller of {@link BatchSource#next} as SheafException: class 22 from
 * expressions, 53200 over the memory budget, 57014 when cancelled or late, and whatever storage
 * says.
 */
public final class QueryExecutor {
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final OperatorTree operators = new OperatorTree();

  /**
   * @param nanoClock monotonic, the clock of deadlines
   * @param random thread-safe; feeds RANDOM and GEN_RANDOM_UUID
   */
  public QueryExecutor(LongSupplier nanoClock, RandomGenerator random) {
    this.nanoClock = nanoClock;
    this.random = random;
  }

  /**
   * The plan's rows. Nothing runs before the first pull; everything is released when the source is
   * drained, has failed or is closed. Batches may carry selections and share arrays; they stay
   * valid after the next pull.
   *
   * @param plan a query; INSERT, UPDATE and DELETE are XX000
   */
  public BatchSource execute(PlanNode plan, ExecutionContext context) {
    var abort = new Execution.Abort();
    var tasks = new TaskRunner(context.workers(), context.parallelism(), abort);
    var execution =
        new Execution(
            context,
            evaluation(context),
            nanoClock,
            abort,
            tasks,
            new Spilling(context.spill()),
            Map.of(),
            context.parallelism());
    return new ResultSource(operators.build(plan, execution), execution);
  }

  /** What expressions of this statement may read; for evaluating outside of a plan. */
  public EvaluationContext evaluation(ExecutionContext context) {
    var statement = context.statement();
    return new EvaluationContext(
        statement.now(),
        statement.zone(),
        statement.database(),
        statement.schema(),
        statement.user(),
        statement.version(),
        random,
        context.systemTables()::transactionStatus,
        context.parameters(),
        Map.of());
  }
}

package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.catalog.CatalogTables;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.catalog.TableDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Runs INSERT, UPDATE and DELETE plans: pulls the input's rows, checks them, and hands the writes
 * to the transaction. A failure leaves the transaction's writes as they were. Stateless and
 * thread-safe.
 */
public final class DmlExecutor {
  private DmlExecutor() {}

  /**
   * @throws IllegalArgumentException the plan's root is no Insert, Update or Delete
   */
  public static DmlResult execute(PlanNode plan, DmlContext context) {
    return run(plan, null, context);
  }

  /**
   * Inserts rows that come from elsewhere (COPY, ingest, a batch of parameters) instead of the
   * plan's input; columns are the table's, in order.
   */
  public static DmlResult insert(PlanNode.Insert plan, BatchSource rows, DmlContext context) {
    return run(plan, rows, context);
  }

  private static DmlResult run(PlanNode plan, @Nullable BatchSource rows, DmlContext context) {
    TableDescriptor table = tableOf(plan);
    StatementWrites writes = context.transaction().beginStatement();
    writes.guard(CatalogTables.tableKey(table.id()));
    RowChange change = changeFor(plan, writes, context);
    try (change;
        BatchSource input =
            rows != null
                ? rows
                : context.queries().run(plan.inputs().getFirst(), context.execution())) {
      for (Batch batch = input.next(); batch != null; batch = input.next()) {
        if (!batch.isEmpty()) {
          change.accept(batch);
        }
      }
      change.finish();
    }
    context.transaction().finishStatement(writes, context.execution().deadline());
    return change.result();
  }

  private static RowChange changeFor(PlanNode plan, StatementWrites writes, DmlContext context) {
    return switch (plan) {
      case PlanNode.Insert insert -> {
        PlanNode.Conflict conflict = insert.conflict();
        yield conflict == null
            ? new InsertRows(insert, writes, context)
            : new ConflictRows(insert, conflict, writes, context);
      }
      case PlanNode.Update update -> new ChangeRows.Updates(update, writes, context);
      case PlanNode.Delete delete -> new ChangeRows.Deletes(delete, writes, context);
      default -> throw new IllegalArgumentException("not DML: " + plan.getClass());
    };
  }

  private static TableDescriptor tableOf(PlanNode plan) {
    return switch (plan) {
      case PlanNode.Insert insert -> insert.table();
      case PlanNode.Update update -> update.table();
      case PlanNode.Delete delete -> delete.table();
      default -> throw new IllegalArgumentException("not DML: " + plan.getClass());
    };
  }
}

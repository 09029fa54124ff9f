package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.ExecutionContext;
import dev.sheaf.compute.plan.PlanNode;

/** Runs plans that read. */
@FunctionalInterface
public interface QueryRunner {
  BatchSource run(PlanNode plan, ExecutionContext context);
}

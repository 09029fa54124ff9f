package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import java.util.ArrayList;
import java.util.List;

/** Counts changed rows and collects their RETURNING expressions. Used by one thread. */
final class Returning {
  private final List<Evaluator> evaluators;
  private final DmlContext context;
  private final List<Batch> returned = new ArrayList<>();
  private long count;

  Returning(List<Expr> expressions, DmlContext context) {
    this.evaluators = expressions.stream().map(context.expressions()::compile).toList();
    this.context = context;
  }

  /** Live rows of a batch whose columns are the table's. */
  void add(Batch changed) {
    count += changed.selected();
    if (evaluators.isEmpty() || changed.isEmpty()) {
      return;
    }
    Vec[] columns = new Vec[evaluators.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = evaluators.get(i).evaluate(changed);
    }
    var batch = new Batch(columns, changed.rows(), changed.selection(), changed.selected());
    context.execution().memory().reserve(batch.sizeBytes());
    returned.add(batch);
  }

  DmlResult result() {
    return new DmlResult(count, returned);
  }
}

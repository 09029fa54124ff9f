package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.expression.Expr;

/** Makes expressions of a statement ready to run on the calling thread. */
@FunctionalInterface
public interface Expressions {
  Evaluator compile(Expr expression);
}

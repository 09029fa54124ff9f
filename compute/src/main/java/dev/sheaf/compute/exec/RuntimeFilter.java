package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator learns while it runs of the values of a column that it can use at all. Scans
 * below it leave out rows that fail. Thread-safe, shared by all workers.
 */
sealed interface RuntimeFilter permits JoinKeyFilter, TopBound {
  /** The live rows that pass. */
  Batch apply(Batch batch, int column);

  /**
   * What is true of all rows that pass, for zone maps; null = nothing is known yet. May get
   * stricter from call to call.
   */
  @Nullable Expr predicate(Expr column);

  /** The same for an operator's input of which not all rows may come out again. */
  default RuntimeFilter ofMoreRows() {
    return this;
  }

  static Expr comparison(Fn fn, Expr column, Object value) {
    return new Expr.Call(
        fn, List.of(column, new Expr.Literal(value, column.type())), SqlType.BOOLEAN);
  }
}

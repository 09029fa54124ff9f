package dev.sheaf.columnar.expression;

import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scalar expression over the columns of a batch. Arguments already have the types that the
 * function expects: the planner inserts every cast. Immutable.
 */
public sealed interface Expr {
  SqlType type();

  /**
   * A constant: its physical Java form ({@link dev.sheaf.protocol.type.PhysicalType}), null = NULL.
   */
  record Literal(@Nullable Object value, SqlType type) implements Expr {}

  /** Column {@code index} of the input batch. */
  record Column(int index, SqlType type) implements Expr {}

  /** Statement parameter {@code index} (0-based), bound before execution. */
  record Parameter(int index, SqlType type) implements Expr {}

  /** Column {@code index} of the current left row of the enclosing Correlate with this id. */
  record Correlated(int correlateId, int index, SqlType type) implements Expr {}

  /** A function applied to arguments, see {@link Fn} for each function's contract. */
  record Call(Fn fn, List<Expr> args, SqlType type) implements Expr {
    public Call {
      args = List.copyOf(args);
    }
  }
}

package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Questions about expressions, and expressions over other columns. */
public final class Exprs {
  private Exprs() {}

  /** Adds the columns that the expression reads. */
  static void columns(@Nullable Expr expr, BitSet into) {
    switch (expr) {
      case null -> {}
      case Expr.Column column -> into.set(column.index());
      case Expr.Call call -> call.args().forEach(a -> columns(a, into));
      case Expr.Literal l -> {}
      case Expr.Parameter p -> {}
      case Expr.Correlated c -> {}
    }
  }

  static BitSet columns(@Nullable Expr expr) {
    var found = new BitSet();
    columns(expr, found);
    return found;
  }

  /** The expression with each column's index replaced. */
  static Expr mapped(Expr expr, IntUnaryOperator index) {
    return switch (expr) {
      case Expr.Column c -> new Expr.Column(index.applyAsInt(c.index()), c.type());
      case Expr.Call c ->
          new Expr.Call(c.fn(), c.args().stream().map(a -> mapped(a, index)).toList(), c.type());
      case Expr.Literal l -> l;
      case Expr.Parameter p -> p;
      case Expr.Correlated c -> c;
    };
  }

  public static List<Expr> conjuncts(@Nullable Expr condition) {
    var parts = new ArrayList<Expr>();
    collect(condition, parts);
    return parts;
  }

  private static void collect(@Nullable Expr condition, List<Expr> parts) {
    if (condition instanceof Expr.Call call && call.fn() == Fn.AND) {
      call.args().forEach(a -> collect(a, parts));
    } else if (condition != null) {
      parts.add(condition);
    }
  }

  /** Null for no conditions. */
  static @Nullable Expr and(List<Expr> conditions) {
    return switch (conditions.size()) {
      case 0 -> null;
      case 1 -> conditions.getFirst();
      default -> new Expr.Call(Fn.AND, conditions, SqlType.BOOLEAN);
    };
  }

  /** Whether the value is the same for all rows of one execution of the node. */
  static boolean isConstant(Expr expr) {
    return switch (expr) {
      case Expr.Column c -> false;
      case Expr.Call c ->
          c.fn() != Fn.RANDOM
              && c.fn() != Fn.GEN_RANDOM_UUID
              && c.args().stream().allMatch(Exprs::isConstant);
      case Expr.Literal l -> true;
      case Expr.Parameter p -> true;
      case Expr.Correlated c -> true;
    };
  }
}

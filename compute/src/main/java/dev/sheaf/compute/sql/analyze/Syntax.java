package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Walks syntax trees; does not enter subqueries, whose names are their own. */
final class Syntax {
  private Syntax() {}

  /** The expressions directly inside, in order. */
  static List<SqlExpression> children(SqlExpression node) {
    return switch (node) {
      case SqlExpression.Name n -> List.of();
      case SqlExpression.NumberLiteral n -> List.of();
      case SqlExpression.StringLiteral s -> List.of();
      case SqlExpression.BooleanLiteral b -> List.of();
      case SqlExpression.NullLiteral n -> List.of();
      case SqlExpression.IntervalLiteral i -> List.of();
      case SqlExpression.Parameter p -> List.of();
      case SqlExpression.Default d -> List.of();
      case SqlExpression.UnaryOp u -> List.of(u.operand());
      case SqlExpression.BinaryOp b -> List.of(b.left(), b.right());
      case SqlExpression.Chain c -> c.operands();
      case SqlExpression.IsTest t -> List.of(t.operand());
      case SqlExpression.Between b -> List.of(b.operand(), b.low(), b.high());
      case SqlExpression.Like l -> {
        var parts = new ArrayList<>(List.of(l.operand(), l.pattern()));
        if (l.escape() != null) {
          parts.add(l.escape());
        }
        yield parts;
      }
      case SqlExpression.InList i -> {
        var parts = new ArrayList<>(List.of(i.operand()));
        parts.addAll(i.values());
        yield parts;
      }
      case SqlExpression.InQuery i -> List.of(i.operand());
      case SqlExpression.Quantified q -> List.of(q.operand());
      case SqlExpression.Exists e -> List.of();
      case SqlExpression.ScalarQuery s -> List.of();
      case SqlExpression.Row r -> r.values();
      case SqlExpression.Case c -> caseParts(c);
      case SqlExpression.Cast c -> List.of(c.operand());
      case SqlExpression.Call c -> callParts(c);
    };
  }

  private static List<SqlExpression> caseParts(SqlExpression.Case c) {
    var parts = new ArrayList<SqlExpression>();
    if (c.operand() != null) {
      parts.add(c.operand());
    }
    for (SqlExpression.When when : c.whens()) {
      parts.add(when.condition());
      parts.add(when.result());
    }
    if (c.otherwise() != null) {
      parts.add(c.otherwise());
    }
    return parts;
  }

  private static List<SqlExpression> callParts(SqlExpression.Call c) {
    var parts = new ArrayList<>(c.args());
    c.orderBy().forEach(o -> parts.add(o.expression()));
    if (c.filter() != null) {
      parts.add(c.filter());
    }
    if (c.over() != null) {
      parts.addAll(parts(c.over()));
    }
    return parts;
  }

  /** The expressions of a window. */
  static List<SqlExpression> parts(SqlWindow window) {
    var parts = new ArrayList<>(window.partitionBy());
    window.orderBy().forEach(o -> parts.add(o.expression()));
    SqlWindow.@Nullable Frame frame = window.frame();
    if (frame != null && frame.start() != null) {
      parts.add(frame.start());
    }
    if (frame != null && frame.end() != null) {
      parts.add(frame.end());
    }
    return parts;
  }

  static boolean any(SqlExpression node, Predicate<SqlExpression> test) {
    return test.test(node) || children(node).stream().anyMatch(c -> any(c, test));
  }

  /** The nodes that pass the test, outermost first; does not look inside those. */
  static List<SqlExpression> find(SqlExpression node, Predicate<SqlExpression> test) {
    var found = new ArrayList<SqlExpression>();
    collect(node, test, found);
    return found;
  }

  private static void collect(
      SqlExpression node, Predicate<SqlExpression> test, List<SqlExpression> found) {
    if (test.test(node)) {
      found.add(node);
    } else {
      children(node).forEach(c -> collect(c, test, found));
    }
  }

  static boolean isAggregate(SqlExpression node) {
    return node instanceof SqlExpression.Call call
        && call.over() == null
        && Aggregates.named(call.name()) != null;
  }

  static boolean isWindow(SqlExpression node) {
    return node instanceof SqlExpression.Call call && call.over() != null;
  }

  static boolean hasSubquery(SqlExpression node) {
    return any(node, n -> subquery(n) != null);
  }

  /** The query that this node, not one inside of it, asks. */
  static @Nullable SqlQuery subquery(SqlExpression node) {
    return switch (node) {
      case SqlExpression.Exists e -> e.query();
      case SqlExpression.ScalarQuery s -> s.query();
      case SqlExpression.InQuery i -> i.query();
      case SqlExpression.Quantified q -> q.query();
      default -> null;
    };
  }
}

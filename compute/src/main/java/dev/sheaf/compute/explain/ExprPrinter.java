package dev.sheaf.compute.explain;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Expressions as SQL-like text. */
final class ExprPrinter {
  private static final TextFormat FORMAT = new TextFormat(ZoneOffset.UTC);

  private static final Map<Fn, String> INFIX =
      Map.ofEntries(
          Map.entry(Fn.AND, "and"),
          Map.entry(Fn.OR, "or"),
          Map.entry(Fn.EQ, "="),
          Map.entry(Fn.NE, "<>"),
          Map.entry(Fn.LT, "<"),
          Map.entry(Fn.LE, "<="),
          Map.entry(Fn.GT, ">"),
          Map.entry(Fn.GE, ">="),
          Map.entry(Fn.ADD, "+"),
          Map.entry(Fn.SUBTRACT, "-"),
          Map.entry(Fn.MULTIPLY, "*"),
          Map.entry(Fn.DIVIDE, "/"),
          Map.entry(Fn.MODULO, "%"),
          Map.entry(Fn.CONCAT, "||"),
          Map.entry(Fn.ADD_INTERVAL, "+"),
          Map.entry(Fn.SUBTRACT_INTERVAL, "-"),
          Map.entry(Fn.IS_DISTINCT_FROM, "is distinct from"),
          Map.entry(Fn.IS_NOT_DISTINCT_FROM, "is not distinct from"));

  private ExprPrinter() {}

  static String print(Expr expr, List<Field> input) {
    return switch (expr) {
      case Expr.Literal literal -> literal(literal);
      case Expr.Column column ->
          column.index() < input.size() ? input.get(column.index()).name() : "#" + column.index();
      case Expr.Parameter parameter -> "$" + (parameter.index() + 1);
      case Expr.Correlated c -> "outer$" + c.correlateId() + "." + c.index();
      case Expr.Call call -> call(call, input);
    };
  }

  private static String literal(Expr.Literal literal) {
    Object value = literal.value();
    if (value == null) {
      return "null";
    }
    String text = FORMAT.format(value, literal.type());
    return literal.type().isNumeric() || literal.type().equals(SqlType.BOOLEAN)
        ? text
        : "'" + text.replace("'", "''") + "'";
  }

  private static String call(Expr.Call call, List<Field> input) {
    String infix = INFIX.get(call.fn());
    if (infix != null) {
      return call.args().stream()
          .map(a -> print(a, input))
          .collect(Collectors.joining(" " + infix + " ", "(", ")"));
    }
    String args = call.args().stream().map(a -> print(a, input)).collect(Collectors.joining(", "));
    return switch (call.fn()) {
      case CAST, ASSIGN_CAST -> "cast(" + args + " as " + call.type() + ")";
      case IS_NULL -> args + " is null";
      case IS_NOT_NULL -> args + " is not null";
      case NOT -> "not " + args;
      default -> call.fn().name().toLowerCase(Locale.ROOT) + "(" + args + ")";
    };
  }
}

package dev.sheaf.compute.sql;

import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.expression.FrameShape.Exclusion;
import dev.sheaf.columnar.expression.FrameShape.Unit;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads windows: OVER and the WINDOW clause. */
final class WindowParser {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private final QueryParser queries;

  WindowParser(TokenStream in, ExpressionParser expressions, QueryParser queries) {
    this.in = in;
    this.expressions = expressions;
    this.queries = queries;
  }

  /** What follows OVER. */
  SqlWindow over() {
    Position position = in.position();
    if (in.isSymbol("(")) {
      return specification();
    }
    return new SqlWindow(in.identifier(), false, List.of(), List.of(), null, position);
  }

  /** {@code name AS (...), ...}. */
  List<SqlWindow.Named> clause() {
    var windows = new ArrayList<SqlWindow.Named>();
    do {
      Identifier name = in.identifier();
      in.expect("as");
      windows.add(new SqlWindow.Named(name, specification()));
    } while (in.acceptSymbol(","));
    return windows;
  }

  private SqlWindow specification() {
    Position position = in.position();
    in.expectSymbol("(");
    @Nullable Identifier base =
        Keywords.canName(in.peek()) && !startsClause() ? in.identifier() : null;
    List<SqlExpression> partitionBy = in.accept("partition", "by") ? expressions.list() : List.of();
    List<SqlQuery.OrderItem> orderBy = queries.orderBy();
    SqlWindow.@Nullable Frame frame = frame();
    in.expectSymbol(")");
    return new SqlWindow(base, true, partitionBy, orderBy, frame, position);
  }

  /** Whether the word here is the first of a part of the specification, rather than a name. */
  private boolean startsClause() {
    return in.isWord("partition") || in.isWord("rows") || in.isWord("range") || in.isWord("groups");
  }

  private SqlWindow.@Nullable Frame frame() {
    Position position = in.position();
    @Nullable Unit unit = null;
    for (Unit candidate : Unit.values()) {
      if (in.accept(candidate.name().toLowerCase(java.util.Locale.ROOT))) {
        unit = candidate;
        break;
      }
    }
    if (unit == null) {
      return null;
    }
    boolean both = in.accept("between");
    Bound start = bound();
    Bound end = new Bound(Edge.CURRENT_ROW, null, position);
    if (both) {
      in.expect("and");
      end = bound();
    }
    check(start, end, both);
    var shape = new FrameShape(unit, start.edge, end.edge, exclusion());
    return new SqlWindow.Frame(shape, start.offset, end.offset, position);
  }

  private record Bound(Edge edge, @Nullable SqlExpression offset, Position position) {}

  private Bound bound() {
    Position position = in.position();
    if (in.accept("unbounded", "preceding")) {
      return new Bound(Edge.UNBOUNDED_PRECEDING, null, position);
    }
    if (in.accept("unbounded", "following")) {
      return new Bound(Edge.UNBOUNDED_FOLLOWING, null, position);
    }
    if (in.accept("current", "row")) {
      return new Bound(Edge.CURRENT_ROW, null, position);
    }
    SqlExpression offset = expressions.expression();
    if (in.accept("preceding")) {
      return new Bound(Edge.PRECEDING, offset, position);
    }
    in.expect("following");
    return new Bound(Edge.FOLLOWING, offset, position);
  }

  private static void check(Bound start, Bound end, boolean both) {
    if (start.edge == Edge.UNBOUNDED_FOLLOWING) {
      throw invalid(start, "frame start cannot be UNBOUNDED FOLLOWING");
    }
    if (end.edge == Edge.UNBOUNDED_PRECEDING) {
      throw invalid(end, "frame end cannot be UNBOUNDED PRECEDING");
    }
    if (start.edge == Edge.CURRENT_ROW && end.edge == Edge.PRECEDING) {
      throw invalid(end, "frame starting from current row cannot have preceding rows");
    }
    if (start.edge == Edge.FOLLOWING && end.edge.compareTo(Edge.FOLLOWING) < 0) {
      throw invalid(
          both ? end : start,
          both
              ? "frame starting from following row cannot have preceding rows"
              : "frame starting from following row cannot end with current row");
    }
  }

  private static RuntimeException invalid(Bound bound, String message) {
    return bound.position.error(ErrorCode.WINDOWING_ERROR, message);
  }

  private Exclusion exclusion() {
    if (!in.accept("exclude")) {
      return Exclusion.NO_OTHERS;
    }
    if (in.accept("current", "row")) {
      return Exclusion.CURRENT_ROW;
    }
    if (in.accept("group")) {
      return Exclusion.GROUP;
    }
    if (in.accept("ties")) {
      return Exclusion.TIES;
    }
    in.expect("no", "others");
    return Exclusion.NO_OTHERS;
  }
}

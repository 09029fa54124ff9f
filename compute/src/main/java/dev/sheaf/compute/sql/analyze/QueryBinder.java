package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalIntersect;
import org.apache.calcite.rel.logical.LogicalMinus;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds whole queries. */
public final class QueryBinder {
  private final BindContext context;
  private final Environment environment;
  private final @Nullable ExpressionBinder outer;

  QueryBinder(BindContext context, Environment environment, @Nullable ExpressionBinder outer) {
    this.context = context;
    this.environment = environment;
    this.outer = outer;
  }

  /** Binds a statement's query. Columns of unknown type become text. */
  public static BoundQuery bind(SqlQuery query, BindContext context) {
    return new QueryBinder(context, Environment.EMPTY, null).bind(query, false);
  }

  /** As {@link #bind(SqlQuery, BindContext)}, with the columns as they are, to be assigned. */
  public static BoundQuery bindForAssignment(SqlQuery query, BindContext context) {
    return new QueryBinder(context, Environment.EMPTY, null).bind(query, true);
  }

  /**
   * @param keepUnknown columns may be of unknown type, where the query's form allows it: the caller
   *     will cast them
   */
  BoundQuery bind(SqlQuery query, boolean keepUnknown) {
    RecursionCheck.checkCircles(query.with());
    Environment visible = environment.with(query.with(), outer);
    return switch (query.body()) {
      case SqlQuery.Select select ->
          new SelectBinder(context, visible, outer).bind(select, query, keepUnknown);
      case SqlQuery.Values values ->
          ordered(new ValuesBinder(context, visible, outer).bind(values), query);
      case SqlQuery.SetOperation set -> ordered(setOperation(set, visible), query);
    };
  }

  private BoundQuery setOperation(SqlQuery.SetOperation node, Environment visible) {
    var binder = new QueryBinder(context, visible, outer);
    context.countRelation(node.position());
    BoundQuery left = binder.bind(node.left(), true);
    BoundQuery right = binder.bind(node.right(), true);
    if (left.names().size() != right.names().size()) {
      throw node.position()
          .error(
              ErrorCode.SYNTAX_ERROR,
              "each " + node.kind() + " query must have the same number of columns");
    }
    List<RexNode> a = Columns.of(left.rel());
    List<RexNode> b = Columns.of(right.rel());
    for (int i = 0; i < a.size(); i++) {
      List<RexNode> both =
          context.scalars().unify(List.of(a.get(i), b.get(i)), node.kind().name(), node.position());
      a.set(i, both.get(0));
      b.set(i, both.get(1));
    }
    List<RelNode> inputs = List.of(Columns.replace(left.rel(), a), Columns.replace(right.rel(), b));
    RelNode rel =
        switch (node.kind()) {
          case UNION -> LogicalUnion.create(inputs, node.all());
          case INTERSECT -> LogicalIntersect.create(inputs, node.all());
          case EXCEPT -> LogicalMinus.create(inputs, node.all());
        };
    return new BoundQuery(rel, left.names());
  }

  /** Orders by output columns only: there is no FROM to look into. */
  private BoundQuery ordered(BoundQuery bound, SqlQuery query) {
    var keys = new ArrayList<RelFieldCollation>();
    for (OrderItem item : query.orderBy()) {
      int column = outputColumn(item.expression(), bound.names());
      if (column < 0 && item.expression() instanceof SqlExpression.Name name) {
        throw name.position()
            .error(ErrorCode.UNDEFINED_COLUMN, "column \"" + name + "\" does not exist");
      }
      if (column < 0) {
        throw item.expression()
            .position()
            .unsupported("ordering a set operation by an expression")
            .withHint("Order by an output column's name or number.");
      }
      keys.add(Limits.collation(column, item));
    }
    RelNode rel = new Limits(context).sort(bound.rel(), keys, query);
    return new BoundQuery(rel, bound.names());
  }

  /** The output column that a name or number in ORDER BY (or GROUP BY) means, -1 if none. */
  static int outputColumn(SqlExpression node, List<String> names) {
    if (node instanceof SqlExpression.NumberLiteral number
        && number.text().chars().allMatch(Character::isDigit)) {
      return ordinal(number, names.size());
    }
    if (node instanceof SqlExpression.Name name && name.parts().size() == 1) {
      int[] found =
          IntStream.range(0, names.size())
              .filter(i -> names.get(i).equals(name.column()))
              .toArray();
      return found.length == 0 ? -1 : found[0];
    }
    return -1;
  }

  private static int ordinal(SqlExpression.NumberLiteral number, int columns) {
    Position at = number.position();
    int value = number.text().length() > 6 ? 0 : Integer.parseInt(number.text());
    if (value < 1 || value > columns) {
      throw at.error(
          ErrorCode.INVALID_COLUMN_REFERENCE,
          "position " + number.text() + " is not in select list");
    }
    return value - 1;
  }

  /** Casts columns that are still unknown to text. */
  static RelNode known(RelNode rel, BindContext context, Position position) {
    List<RexNode> columns = Columns.of(rel);
    columns.replaceAll(c -> context.scalars().known(c, position));
    return Columns.replace(rel, columns);
  }
}

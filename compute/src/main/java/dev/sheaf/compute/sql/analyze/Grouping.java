package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.List;
import java.util.Map;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * What a grouped query's later clauses see: the group keys, then the aggregates.
 *
 * @param row of the aggregation's output
 * @param keys over the FROM row, in output order
 * @param aggregates output position of each aggregate call, by the identity of its syntax
 * @param ungrouped binds over the FROM row
 */
record Grouping(
    RelDataType row,
    List<RexNode> keys,
    Map<SqlExpression, Integer> aggregates,
    ExpressionBinder ungrouped) {

  /** The same where the aggregation's output is the beginning of a longer row. */
  Grouping over(RelDataType longer) {
    return new Grouping(longer, keys, aggregates, ungrouped);
  }

  /** The output column that the expression is, null if it is none as a whole. */
  @Nullable RexNode find(SqlExpression node) {
    @Nullable Integer aggregate = aggregates.get(node);
    if (aggregate != null) {
      return Scalars.column(row, aggregate);
    }
    boolean possible =
        switch (node) {
          case SqlExpression.UnaryOp u -> true;
          case SqlExpression.BinaryOp b -> true;
          case SqlExpression.Chain c -> true;
          case SqlExpression.IsTest t -> true;
          case SqlExpression.Between b -> true;
          case SqlExpression.Like l -> true;
          case SqlExpression.InList i -> true;
          case SqlExpression.Case c -> true;
          case SqlExpression.Cast c -> true;
          case SqlExpression.Call c -> true;
          default -> false;
        };
    if (!possible
        || keys.isEmpty()
        || Syntax.any(node, n -> Syntax.isAggregate(n) || Syntax.isWindow(n))
        || Syntax.hasSubquery(node)) {
      return null;
    }
    int key = keys.indexOf(ungrouped.bind(node));
    return key < 0 ? null : Scalars.column(row, key);
  }

  RexNode column(ScopeColumn column, Name name) {
    int key = keys.indexOf(column.value());
    if (key < 0) {
      throw name.position()
          .error(
              ErrorCode.GROUPING_ERROR,
              "column \""
                  + name
                  + "\" must appear in the GROUP BY clause or be used in an aggregate function");
    }
    return Scalars.column(row, key);
  }
}

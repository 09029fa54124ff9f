package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelFieldCollation.Direction;
import org.apache.calcite.rel.RelFieldCollation.NullDirection;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalSort;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds LIMIT and OFFSET and adds the sort. */
final class Limits {
  private final BindContext context;

  Limits(BindContext context) {
    this.context = context;
  }

  /** The sort key of an ORDER BY item, with PostgreSQL's place for NULLs: as the largest values. */
  static RelFieldCollation collation(int column, OrderItem item) {
    @Nullable Boolean first = item.nullsFirst();
    boolean nullsFirst = first == null ? item.descending() : first;
    return new RelFieldCollation(
        column,
        item.descending() ? Direction.DESCENDING : Direction.ASCENDING,
        nullsFirst ? NullDirection.FIRST : NullDirection.LAST);
  }

  RelNode sort(RelNode input, List<RelFieldCollation> keys, SqlQuery query) {
    @Nullable RexNode fetch = limit(query.limit(), "LIMIT", ErrorCode.INVALID_ROW_COUNT_IN_LIMIT);
    @Nullable RexNode offset =
        limit(query.offset(), "OFFSET", ErrorCode.INVALID_ROW_COUNT_IN_OFFSET);
    if (keys.isEmpty() && fetch == null && offset == null) {
      return input;
    }
    return LogicalSort.create(input, RelCollations.of(distinct(keys)), offset, fetch);
  }

  /** A column that was sorted by already changes nothing. */
  private static List<RelFieldCollation> distinct(List<RelFieldCollation> keys) {
    var seen = new HashSet<Integer>();
    return keys.stream().filter(k -> seen.add(k.getFieldIndex())).toList();
  }

  private @Nullable RexNode limit(@Nullable SqlExpression node, String clause, ErrorCode negative) {
    if (node == null || node instanceof SqlExpression.NullLiteral) {
      return null;
    }
    if (Syntax.hasSubquery(node)) {
      throw node.position().unsupported("a subquery in " + clause);
    }
    if (Syntax.any(node, SqlExpression.Name.class::isInstance)) {
      throw node.position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "argument of " + clause + " must not contain variables");
    }
    var binder = new ExpressionBinder(context, Environment.EMPTY, Scope.EMPTY, null, null, clause);
    RexNode bound =
        context
            .scalars()
            .implicit(binder.bind(node), SqlType.BIGINT, "argument of " + clause, node.position());
    @Nullable ConstantOperator constant = ConstantOperator.in(bound);
    if (constant == null) {
      return bound;
    }
    long rows = (Long) constant.value();
    if (rows < 0) {
      throw node.position().error(negative, clause + " must not be negative");
    }
    return context
        .cluster()
        .getRexBuilder()
        .makeExactLiteral(BigDecimal.valueOf(rows), CalciteTypes.of(SqlType.BIGINT, false));
  }
}

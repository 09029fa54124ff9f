package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.jspecify.annotations.Nullable;

/**
 * Binds the aggregate calls of one SELECT: their arguments and filters become columns of the
 * projection below the aggregation.
 */
final class AggregateBinder {
  private static final int MAX_GROUPING_ARGUMENTS = 31;

  private final BindContext context;
  private final ExpressionBinder binder;
  private final List<RexNode> columns;

  /**
   * @param binder of arguments
   * @param columns of the projection; grows
   */
  AggregateBinder(BindContext context, ExpressionBinder binder, List<RexNode> columns) {
    this.context = context;
    this.binder = binder;
    this.columns = columns;
  }

  /**
   * A call whose arguments are bound.
   *
   * @param arguments columns of the projection; none = COUNT(*)
   * @param filter column of the projection, -1 = none
   */
  record Bound(
      SqlAggFunction operator, boolean distinct, List<Integer> arguments, int filter, String name) {

    /** COUNT(*), for what needs a column at least. */
    static final Bound ROWS = new Bound(SqlStdOperatorTable.COUNT, false, List.of(), -1, "count");

    /**
     * @param givesRowOverNothing whether there is a set without keys
     */
    AggregateCall over(RelNode projected, boolean givesRowOverNothing) {
      return AggregateCall.create(
          operator,
          distinct,
          false,
          false,
          List.of(),
          arguments,
          filter,
          null,
          RelCollations.EMPTY,
          givesRowOverNothing,
          projected,
          null,
          name);
    }
  }

  /**
   * GROUPING: which of some keys a row's set lacks.
   *
   * @param keys what may be an argument: the leading columns of the projection
   * @param keyBinder binds over the FROM row
   */
  Bound grouping(Call call, List<RexNode> keys, ExpressionBinder keyBinder) {
    if (call.star() || call.distinct() || !call.orderBy().isEmpty() || call.filter() != null) {
      throw call.position()
          .error(ErrorCode.SYNTAX_ERROR, "GROUPING takes grouping expressions and nothing else");
    }
    if (call.args().size() > MAX_GROUPING_ARGUMENTS) {
      throw call.position()
          .error(ErrorCode.TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments");
    }
    var positions = new ArrayList<Integer>();
    for (SqlExpression arg : call.args()) {
      int key = Syntax.any(arg, Syntax::isAggregate) ? -1 : keys.indexOf(keyBinder.bind(arg));
      if (key < 0) {
        throw arg.position()
            .error(
                ErrorCode.GROUPING_ERROR,
                "arguments to GROUPING must be grouping expressions of the associated query level");
      }
      positions.add(key);
    }
    var operator = new AggregateOperator(AggregateFn.GROUPING, List.copyOf(positions));
    return new Bound(operator, false, List.of(), -1, call.name());
  }

  Bound bind(Call call) {
    AggregateFn named = Objects.requireNonNull(Aggregates.named(call.name()));
    if (!call.orderBy().isEmpty()) {
      throw call.position().unsupported("ORDER BY inside an aggregate function");
    }
    int filter = filter(call);
    if (call.star()) {
      if (named != AggregateFn.COUNT) {
        throw Functions.missing(call.name(), List.of(), call.position());
      }
      return new Bound(SqlStdOperatorTable.COUNT, false, List.of(), filter, call.name());
    }
    int arity = named == AggregateFn.STRING_AGG ? 2 : 1;
    List<RexNode> args = binder.bindAll(call.args());
    @Nullable SqlType type =
        args.size() == arity
            ? Aggregates.argumentType(named, Scalars.typeOf(args.getFirst()))
            : null;
    if (type == null) {
      throw Functions.missing(call.name(), args, call.position());
    }
    int argument = column(context.scalars().cast(args.getFirst(), type, call.position()));
    @Nullable Object extra = arity == 2 ? delimiter(args.get(1), call) : null;
    return new Bound(
        operator(named, extra), call.distinct(), List.of(argument), filter, call.name());
  }

  private int filter(Call call) {
    if (call.filter() == null) {
      return -1;
    }
    RexNode condition = binder.condition(call.filter());
    return column(
        condition.getType().isNullable()
            ? context.scalars().test(Fn.IS_TRUE, condition)
            : condition);
  }

  private Object delimiter(RexNode node, Call call) {
    @Nullable ConstantOperator constant =
        ConstantOperator.in(
            context
                .scalars()
                .implicit(node, SqlType.TEXT, "delimiter of string_agg", call.position()));
    if (constant == null) {
      throw call.position().unsupported("string_agg with a delimiter that is not a literal");
    }
    return constant.value();
  }

  private int column(RexNode column) {
    int known = columns.indexOf(column);
    if (known >= 0) {
      return known;
    }
    columns.add(column);
    return columns.size() - 1;
  }

  private static SqlAggFunction operator(AggregateFn fn, @Nullable Object extra) {
    return switch (fn) {
      case COUNT -> SqlStdOperatorTable.COUNT;
      case MIN -> SqlStdOperatorTable.MIN;
      case MAX -> SqlStdOperatorTable.MAX;
      default -> new AggregateOperator(fn, extra);
    };
  }
}

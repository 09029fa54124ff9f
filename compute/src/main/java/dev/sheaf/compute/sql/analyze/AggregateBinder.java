package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
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

  /**
   * @param isGrouped whether an expression over the FROM row has one value in a group
   */
  Bound bind(Call call, Predicate<SqlExpression> isGrouped) {
    AggregateFn named = Objects.requireNonNull(Aggregates.named(call.name()));
    if (named.isOrderedSet()) {
      return orderedSet(named, call, isGrouped);
    }
    boolean isPair = named.isOfPairs() || named == AggregateFn.STRING_AGG;
    if (call.withinGroup()) {
      // PostgreSQL looks for a function of all that is given before it looks at its kind.
      throw call.args().size() + call.orderBy().size() == (isPair ? 2 : 1)
          ? wrongKind(
              call,
              call.name() + " is not an ordered-set aggregate, so it cannot have WITHIN GROUP")
          : missing(call);
    }
    int filter = filter(call);
    if (call.star()) {
      if (named != AggregateFn.COUNT) {
        throw Functions.missing(call.name(), List.of(), call.position());
      }
      return new Bound(SqlStdOperatorTable.COUNT, false, List.of(), filter, call.name());
    }
    List<RexNode> args = binder.bindAll(call.args());
    @Nullable SqlType type =
        args.size() == (isPair ? 2 : 1)
            ? Aggregates.argumentType(named, Scalars.typeOf(args.getFirst()))
            : null;
    if (type == null || (isPair && !Coercion.isImplicit(Scalars.typeOf(args.get(1)), type))) {
      throw Functions.missing(call.name(), args, call.position());
    }
    var cast = new ArrayList<RexNode>();
    args.forEach(arg -> cast.add(context.scalars().cast(arg, type, call.position())));
    List<Sorted> order = order(call, args, cast);
    @Nullable Object extra = null;
    @Nullable ConstantOperator delimiter =
        named == AggregateFn.STRING_AGG ? ConstantOperator.in(cast.get(1)) : null;
    if (delimiter != null) {
      extra = delimiter.value();
      cast.removeLast();
    }
    if (named != AggregateFn.STRING_AGG && named != AggregateFn.ANY_VALUE) {
      // To all others the order of their values is the same.
      order = List.of();
    }
    return bound(named, extra, cast, order, filter, call);
  }

  /** An expression to order by and how. */
  private record Sorted(RexNode key, AggregateOperator.Direction direction) {}

  private List<Sorted> order(Call call, List<RexNode> args, List<RexNode> cast) {
    var order = new ArrayList<Sorted>();
    for (OrderItem item : call.orderBy()) {
      RexNode key = binder.bind(item.expression());
      int argument = args.indexOf(key);
      if (call.distinct() && argument < 0) {
        throw item.expression()
            .position()
            .error(
                ErrorCode.INVALID_COLUMN_REFERENCE,
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
      }
      order.add(sorted(argument < 0 ? key : cast.get(argument), item));
    }
    if (order.isEmpty() && call.distinct()) {
      // As PostgreSQL, which finds the distinct ones by sorting.
      cast.forEach(
          key -> order.add(new Sorted(key, new AggregateOperator.Direction(false, false))));
    }
    return order;
  }

  private Sorted sorted(RexNode key, OrderItem item) {
    @Nullable Boolean nullsFirst = item.nullsFirst();
    return new Sorted(
        context.scalars().known(key, item.expression().position()),
        new AggregateOperator.Direction(
            item.descending(), nullsFirst == null ? item.descending() : nullsFirst));
  }

  /** A percentile or the mode of what WITHIN GROUP sorts. */
  private Bound orderedSet(AggregateFn fn, Call call, Predicate<SqlExpression> isGrouped) {
    int wanted = fn == AggregateFn.MODE ? 0 : 1;
    if (!call.withinGroup()) {
      throw call.args().size() == wanted + 1
          ? wrongKind(call, "WITHIN GROUP is required for ordered-set aggregate " + call.name())
          : missing(call);
    }
    List<RexNode> direct = binder.bindAll(call.args());
    OrderItem item = call.orderBy().getFirst();
    RexNode value = binder.bind(item.expression());
    @Nullable SqlType type = Aggregates.argumentType(fn, Scalars.typeOf(value));
    if (call.star() || direct.size() != wanted || call.orderBy().size() != 1 || type == null) {
      throw missing(call);
    }
    RexNode cast = context.scalars().cast(value, type, call.position());
    var arguments = new ArrayList<RexNode>();
    arguments.add(cast);
    @Nullable Object extra = null;
    if (wanted == 1) {
      RexNode fraction =
          context
              .scalars()
              .implicit(
                  direct.getFirst(),
                  SqlType.DOUBLE,
                  "the fraction of " + call.name(),
                  call.args().getFirst().position());
      @Nullable ConstantOperator constant = ConstantOperator.in(fraction);
      if (constant != null) {
        extra = constant.value();
      } else if (isGrouped.test(call.args().getFirst())) {
        arguments.add(fraction);
      } else {
        throw call.args()
            .getFirst()
            .position()
            .error(
                ErrorCode.GROUPING_ERROR,
                "direct arguments of an ordered-set aggregate must use only grouped columns");
      }
    }
    return bound(fn, extra, arguments, List.of(sorted(cast, item)), filter(call), call);
  }

  /** 42883 for the arguments and what it orders by. */
  private SheafException missing(Call call) {
    List<RexNode> all = binder.bindAll(call.args());
    call.orderBy().forEach(o -> all.add(binder.bind(o.expression())));
    return Functions.missing(call.name(), all, call.position());
  }

  private static SheafException wrongKind(Call call, String message) {
    return call.position().error(ErrorCode.WRONG_OBJECT_TYPE, message);
  }

  private Bound bound(
      AggregateFn fn,
      @Nullable Object extra,
      List<RexNode> arguments,
      List<Sorted> order,
      int filter,
      Call call) {
    var positions = new ArrayList<Integer>();
    arguments.forEach(a -> positions.add(column(a)));
    List<Sorted> keys = order.stream().filter(o -> ConstantOperator.in(o.key) == null).toList();
    keys.forEach(o -> positions.add(column(o.key)));
    SqlAggFunction operator =
        switch (fn) {
          case COUNT -> SqlStdOperatorTable.COUNT;
          case MIN -> SqlStdOperatorTable.MIN;
          case MAX -> SqlStdOperatorTable.MAX;
          default ->
              new AggregateOperator(fn, extra, keys.stream().map(Sorted::direction).toList());
        };
    return new Bound(operator, call.distinct(), positions, filter, call.name());
  }

  private int filter(Call call) {
    if (call.filter() == null) {
      return -1;
    }
    if (Syntax.any(call.filter(), Syntax::isWindow)) {
      throw call.filter()
          .position()
          .error(ErrorCode.WINDOWING_ERROR, "window functions are not allowed in FILTER");
    }
    RexNode condition = binder.condition(call.filter());
    return column(
        condition.getType().isNullable()
            ? context.scalars().test(Fn.IS_TRUE, condition)
            : condition);
  }

  private int column(RexNode column) {
    int known = columns.indexOf(column);
    if (known >= 0) {
      return known;
    }
    columns.add(column);
    return columns.size() - 1;
  }
}

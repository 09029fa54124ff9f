package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/** Binds GROUP BY and the aggregates of one SELECT to a projection and an aggregation. */
final class GroupBinder {
  private static final Call ROWS =
      new Call("count", List.of(), true, false, List.of(), null, Position.UNKNOWN);

  private final BindContext context;
  private final Scope scope;
  private final RelNode input;
  private final ExpressionBinder keyBinder;
  private final ExpressionBinder argumentBinder;

  /** Columns of the projection below: the keys, then arguments and filters. */
  private final List<RexNode> columns = new ArrayList<>();

  private final List<AggregateCall> calls = new ArrayList<>();
  private final Map<SqlExpression, Integer> positions = new IdentityHashMap<>();
  private final List<RexNode> required = new ArrayList<>();
  private @Nullable RelNode rel;
  private @Nullable Grouping grouping;

  GroupBinder(
      BindContext context,
      Environment environment,
      @Nullable ExpressionBinder outer,
      Scope scope,
      RelNode input) {
    this.context = context;
    this.scope = scope;
    this.input = input;
    this.keyBinder = new ExpressionBinder(context, environment, scope, null, outer, "GROUP BY");
    this.argumentBinder =
        new ExpressionBinder(
            context, environment, scope, null, outer, "the argument of an aggregate function");
  }

  /** A column that {@code *} puts out, which must therefore be a group key. */
  void requireKey(RexNode column) {
    required.add(column);
  }

  RelNode rel() {
    return Objects.requireNonNull(rel);
  }

  Grouping grouping() {
    return Objects.requireNonNull(grouping);
  }

  /**
   * @param keys GROUP BY
   * @param expressions the clauses that will be evaluated over the groups
   */
  void group(List<SqlExpression> keys, List<SqlExpression> expressions) {
    for (SqlExpression key : keys) {
      if (Syntax.hasSubquery(key)) {
        throw key.position().unsupported("a subquery in GROUP BY");
      }
      addKey(context.scalars().known(keyBinder.bind(key), key.position()));
    }
    List<RexNode> primary = List.copyOf(columns);
    addDependent(expressions, primary);
    for (RexNode column : required) {
      if (!columns.contains(column)) {
        throw keyErrorPosition(keys)
            .error(
                ErrorCode.GROUPING_ERROR, "every column of * must appear in the GROUP BY clause");
      }
    }
    int keyCount = columns.size();
    List<RexNode> keyColumns = List.copyOf(columns);
    var argumentCalls = new ArrayList<Call>();
    for (SqlExpression expression : expressions) {
      Syntax.find(expression, Syntax::isAggregate).forEach(c -> argumentCalls.add((Call) c));
    }
    var pending = new ArrayList<Pending>();
    for (Call call : argumentCalls) {
      pending.add(argument(call));
    }
    RelNode projected =
        LogicalProject.create(
            input,
            List.of(),
            columns.isEmpty() ? List.of(context.scalars().and(List.of())) : columns,
            labels(),
            argumentBinder.correlations());
    for (Pending p : pending) {
      positions.put(p.call, keyCount + place(p, keyCount, projected));
    }
    if (keyCount == 0 && calls.isEmpty()) {
      // HAVING alone makes one group; a relation needs a column.
      place(new Pending(ROWS, AggregateFn.COUNT_STAR, -1, -1, null), keyCount, projected);
    }
    RelNode aggregate =
        LogicalAggregate.create(projected, List.of(), ImmutableBitSet.range(keyCount), null, calls);
    rel = aggregate;
    grouping = new Grouping(aggregate.getRowType(), keyColumns, positions, keyBinder);
  }

  /** Names for EXPLAIN. */
  private List<String> labels() {
    var labels = new ArrayList<String>();
    for (RexNode column : columns) {
      labels.add(
          column instanceof RexInputRef ref
              ? input.getRowType().getFieldNames().get(ref.getIndex())
              : "expr" + labels.size());
    }
    return labels.isEmpty() ? List.of("none") : labels;
  }

  private static Position keyErrorPosition(List<SqlExpression> keys) {
    return keys.isEmpty() ? Position.UNKNOWN : keys.getFirst().position();
  }

  private void addKey(RexNode key) {
    if (!columns.contains(key)) {
      columns.add(key);
    }
  }

  /** Columns of a table whose whole primary key is grouped by are keys, too. */
  private void addDependent(List<SqlExpression> expressions, List<RexNode> keys) {
    for (RexNode column : required) {
      scope.columns().stream()
          .filter(c -> c.value().equals(column) && isDetermined(c, keys))
          .forEach(c -> addKey(c.value()));
    }
    for (SqlExpression expression : expressions) {
      for (SqlExpression found :
          Syntax.find(expression, n -> n instanceof Name || Syntax.isAggregate(n))) {
        if (found instanceof Name name) {
          @Nullable ScopeColumn column = scope.find(name);
          if (column != null && isDetermined(column, keys)) {
            addKey(column.value());
          }
        }
      }
    }
  }

  private boolean isDetermined(ScopeColumn column, List<RexNode> keys) {
    @Nullable TableDescriptor table = column.source().table();
    if (table == null || table.primaryKey().isEmpty()) {
      return false;
    }
    return table.primaryKey().stream()
        .map(id -> table.columns().get(table.ordinalOf(id)))
        .map(ColumnDescriptor::name)
        .allMatch(name ->
            scope.columns().stream()
                .anyMatch(c ->
                    c.source() == column.source()
                        && c.name().equals(name)
                        && keys.contains(c.value())));
  }

  /**
   * @param argument column of the projection, -1 = COUNT(*)
   * @param filter column of the projection, -1 = none
   */
  private record Pending(
      Call call, AggregateFn fn, int argument, int filter, @Nullable Object extra) {}

  private Pending argument(Call call) {
    AggregateFn named = Objects.requireNonNull(Aggregates.named(call.name()));
    if (!call.orderBy().isEmpty()) {
      throw call.position().unsupported("ORDER BY inside an aggregate function");
    }
    int filter = -1;
    if (call.filter() != null) {
      RexNode condition = argumentBinder.condition(call.filter());
      filter =
          addColumn(
              condition.getType().isNullable()
                  ? context.scalars().test(Fn.IS_TRUE, condition)
                  : condition);
    }
    if (call.star()) {
      if (named != AggregateFn.COUNT) {
        throw Functions.missing(call.name(), List.of(), call.position());
      }
      return new Pending(call, AggregateFn.COUNT_STAR, -1, filter, null);
    }
    int arity = named == AggregateFn.STRING_AGG ? 2 : 1;
    List<RexNode> args = argumentBinder.bindAll(call.args());
    @Nullable SqlType type =
        args.size() == arity
            ? Aggregates.argumentType(named, Scalars.typeOf(args.getFirst()))
            : null;
    if (type == null) {
      throw Functions.missing(call.name(), args, call.position());
    }
    int argument = addColumn(context.scalars().cast(args.getFirst(), type, call.position()));
    @Nullable Object extra = arity == 2 ? delimiter(args.get(1), call) : null;
    return new Pending(call, named, argument, filter, extra);
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

  private int addColumn(RexNode column) {
    int known = columns.indexOf(column);
    if (known >= 0) {
      return known;
    }
    columns.add(column);
    return columns.size() - 1;
  }

  /** Adds the call unless an equal one is there; its place among the aggregates. */
  private int place(Pending p, int keyCount, RelNode projected) {
    List<Integer> arguments = p.argument < 0 ? List.of() : List.of(p.argument);
    AggregateCall call =
        AggregateCall.create(
            operator(p),
            p.call.distinct(),
            false,
            false,
            List.of(),
            arguments,
            p.filter,
            null,
            RelCollations.EMPTY,
            keyCount == 0,
            projected,
            null,
            p.call.name());
    int known = calls.indexOf(call);
    if (known >= 0) {
      return known;
    }
    calls.add(call);
    return calls.size() - 1;
  }

  private static SqlAggFunction operator(Pending p) {
    return switch (p.fn) {
      case COUNT_STAR, COUNT -> SqlStdOperatorTable.COUNT;
      case MIN -> SqlStdOperatorTable.MIN;
      case MAX -> SqlStdOperatorTable.MAX;
      default -> new AggregateOperator(p.fn, p.extra);
    };
  }
}

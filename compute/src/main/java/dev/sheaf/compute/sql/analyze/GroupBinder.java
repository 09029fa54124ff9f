package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.SqlQuery.GroupItem;
import dev.sheaf.compute.sql.SqlQuery.GroupKey;
import dev.sheaf.compute.sql.analyze.AggregateBinder.Bound;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/** Binds GROUP BY and the aggregates of one SELECT to a projection and an aggregation. */
final class GroupBinder {
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
   * @param items GROUP BY
   * @param meant what a key stands for that may be the number or name of an output column
   * @param expressions the clauses that will be evaluated over the groups
   */
  void group(
      List<GroupItem> items, UnaryOperator<SqlExpression> meant, List<SqlExpression> expressions) {
    List<ImmutableBitSet> sets = GroupingSetList.of(items, k -> key(meant.apply(k)));
    List<RexNode> grouped = List.copyOf(columns);
    List<Integer> common = sets.stream().reduce(ImmutableBitSet::intersect).orElseThrow().asList();
    addDependent(expressions, common.stream().map(columns::get).toList());
    for (RexNode column : required) {
      if (!columns.contains(column)) {
        throw firstPosition(items)
            .error(
                ErrorCode.GROUPING_ERROR, "every column of * must appear in the GROUP BY clause");
      }
    }
    List<RexNode> keys = List.copyOf(columns);
    ImmutableBitSet dependent = ImmutableBitSet.range(grouped.size(), keys.size());
    sets = sets.stream().map(s -> s.union(dependent)).toList();
    var aggregates = new AggregateBinder(context, argumentBinder, columns);
    var found = new ArrayList<Call>();
    for (SqlExpression expression : expressions) {
      Syntax.find(expression, Syntax::isAggregate).forEach(c -> found.add((Call) c));
    }
    var bound = new ArrayList<Bound>();
    boolean asksForSet = false;
    List<RexNode> inAll = common.size() == grouped.size() ? keys : List.of();
    for (Call call : found) {
      checkHasNoWindow(call);
      boolean isGrouping = Aggregates.named(call.name()) == AggregateFn.GROUPING;
      asksForSet |= isGrouping;
      bound.add(
          isGrouping
              ? aggregates.grouping(call, grouped, keyBinder)
              : aggregates.bind(call, e -> isOf(e, inAll)));
    }
    RelNode projected = projected();
    boolean givesRowOverNothing = sets.stream().anyMatch(ImmutableBitSet::isEmpty);
    for (int i = 0; i < found.size(); i++) {
      AggregateCall call = bound.get(i).over(projected, givesRowOverNothing);
      positions.put(found.get(i), keys.size() + place(call));
    }
    if (keys.isEmpty() && calls.isEmpty()) {
      // HAVING alone makes one group; a relation needs a column.
      place(Bound.ROWS.over(projected, true));
    }
    RelNode aggregate =
        sets.size() == 1 && !asksForSet
            ? LogicalAggregate.create(projected, List.of(), sets.getFirst(), null, calls)
            : new GroupingSetsRel(
                projected.getCluster(),
                projected.getTraitSet(),
                projected,
                keys.size(),
                sets,
                calls);
    rel = aggregate;
    grouping = new Grouping(aggregate.getRowType(), keys, positions, keyBinder);
  }

  private static void checkHasNoWindow(Call call) {
    if (call.args().stream().anyMatch(a -> Syntax.any(a, Syntax::isWindow))) {
      throw call.position()
          .error(
              ErrorCode.GROUPING_ERROR,
              "aggregate function calls cannot contain window function calls");
    }
  }

  /** Whether all columns of the expression are among these. */
  private boolean isOf(SqlExpression expression, List<RexNode> keys) {
    return !Syntax.hasSubquery(expression)
        && Syntax.find(expression, Name.class::isInstance).stream()
            .map(n -> scope.find((Name) n))
            .allMatch(c -> c == null || keys.contains(c.value()));
  }

  /** The number of a key: equal ones have the same. */
  private int key(SqlExpression expression) {
    if (Syntax.hasSubquery(expression)) {
      throw expression.position().unsupported("a subquery in GROUP BY");
    }
    RexNode key = context.scalars().known(keyBinder.bind(expression), expression.position());
    addKey(key);
    return columns.indexOf(key);
  }

  private RelNode projected() {
    return LogicalProject.create(
        input,
        List.of(),
        columns.isEmpty() ? List.of(context.scalars().and(List.of())) : columns,
        labels(),
        argumentBinder.correlations());
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

  private static Position firstPosition(List<GroupItem> items) {
    return !items.isEmpty() && items.getFirst() instanceof GroupKey key
        ? key.expression().position()
        : Position.UNKNOWN;
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

  /** Adds the call unless an equal one is there; its place among the aggregates. */
  private int place(AggregateCall call) {
    int known = calls.indexOf(call);
    if (known >= 0) {
      return known;
    }
    calls.add(call);
    return calls.size() - 1;
  }
}

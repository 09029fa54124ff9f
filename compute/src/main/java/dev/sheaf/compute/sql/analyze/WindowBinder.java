package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlExpression.Call;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.compute.sql.SqlWindow;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/**
 * Binds the windows and window functions of one SELECT to a projection, which adds what they read
 * to the input's columns, and the windows over that.
 */
final class WindowBinder {
  private static final int MAX_KEYS = 1_000;

  private final BindContext context;
  private final RelNode input;
  private final ExpressionBinder binder;

  /** Columns of the projection below: the input's, then what the windows need besides. */
  private final List<RexNode> columns;

  private final Map<String, Definition> named = new HashMap<>();
  private final Map<Key, List<WindowRel.Call>> windows = new LinkedHashMap<>();
  private final Map<SqlExpression, Bound> calls = new IdentityHashMap<>();

  /** Which rows belong together, and in which order. */
  private record Key(ImmutableBitSet partition, List<RelFieldCollation> order) {}

  /**
   * @param frame null = none was written
   */
  private record Definition(Key key, WindowRel.@Nullable Frame frame) {}

  /** A call's place: the number of its window, and its own among that window's. */
  private record Bound(Key window, int call) {}

  /**
   * @param grouping null = the query is not grouped
   */
  WindowBinder(
      BindContext context,
      Environment environment,
      Scope scope,
      @Nullable Grouping grouping,
      @Nullable ExpressionBinder outer,
      RelNode input) {
    this.context = context;
    this.input = input;
    this.columns = Columns.references(input);
    this.binder =
        new ExpressionBinder(context, environment, scope, grouping, outer, "window definitions");
  }

  /**
   * @param definitions the WINDOW clause
   * @param expressions the clauses that are evaluated over the windows
   */
  void bind(List<SqlWindow.Named> definitions, List<SqlExpression> expressions) {
    for (SqlWindow.Named definition : definitions) {
      Identifier name = definition.name();
      if (named.containsKey(name.name())) {
        throw name.position()
            .error(ErrorCode.WINDOWING_ERROR, "window \"" + name.name() + "\" is already defined");
      }
      named.put(name.name(), define(definition.window()));
    }
    for (SqlExpression expression : expressions) {
      Syntax.find(expression, Syntax::isWindow).forEach(c -> bind((Call) c));
    }
  }

  private Definition define(SqlWindow window) {
    @Nullable Definition base = base(window);
    if (base != null && !window.isExtension()) {
      return base;
    }
    if (base != null) {
      checkExtends(base, window);
    }
    ImmutableBitSet partition =
        base == null
            ? ImmutableBitSet.of(window.partitionBy().stream().map(this::column).toList())
            : base.key.partition;
    List<RelFieldCollation> order =
        base != null && window.orderBy().isEmpty() ? base.key.order : order(window.orderBy());
    if (partition.cardinality() + order.size() > MAX_KEYS) {
      throw window
          .position()
          .error(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "a window has more than " + MAX_KEYS + " columns in PARTITION BY and ORDER BY");
    }
    SqlWindow.@Nullable Frame frame = window.frame();
    return new Definition(
        new Key(partition, order),
        frame == null ? null : new FrameBinder(context).bind(frame, order, columns));
  }

  private @Nullable Definition base(SqlWindow window) {
    @Nullable Identifier name = window.base();
    if (name == null) {
      return null;
    }
    @Nullable Definition base = named.get(name.name());
    if (base == null) {
      SheafException error =
          name.position()
              .error(ErrorCode.UNDEFINED_OBJECT, "window \"" + name.name() + "\" does not exist");
      throw Suggestions.nearest(name.name(), List.copyOf(named.keySet()))
          .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
          .orElse(error);
    }
    return base;
  }

  private static void checkExtends(Definition base, SqlWindow window) {
    String name = window.base() == null ? "" : window.base().name();
    if (!window.partitionBy().isEmpty()) {
      throw overrides("PARTITION BY", name, window.partitionBy().getFirst().position());
    }
    if (!window.orderBy().isEmpty() && !base.key.order.isEmpty()) {
      throw overrides("ORDER BY", name, window.orderBy().getFirst().expression().position());
    }
    if (base.frame != null) {
      SheafException error =
          window
              .position()
              .error(
                  ErrorCode.WINDOWING_ERROR,
                  "cannot copy window \"" + name + "\" because it has a frame clause");
      boolean same = window.orderBy().isEmpty() && window.frame() == null;
      throw same ? error.withHint("Omit the parentheses in this OVER clause.") : error;
    }
  }

  private static SheafException overrides(String clause, String name, Position at) {
    return at.error(
        ErrorCode.WINDOWING_ERROR,
        "cannot override " + clause + " clause of window \"" + name + '"');
  }

  /** A column that was sorted by already changes nothing. */
  private List<RelFieldCollation> order(List<OrderItem> items) {
    var order = new ArrayList<RelFieldCollation>();
    for (OrderItem item : items) {
      int column = column(item.expression());
      if (order.stream().noneMatch(k -> k.getFieldIndex() == column)) {
        order.add(Limits.collation(column, item));
      }
    }
    return order;
  }

  private int column(SqlExpression node) {
    return addColumn(context.scalars().known(binder.bind(node), node.position()));
  }

  private int addColumn(RexNode column) {
    int known = columns.indexOf(column);
    if (known >= 0) {
      return known;
    }
    columns.add(column);
    return columns.size() - 1;
  }

  private void bind(Call call) {
    if (call.args().stream().anyMatch(a -> Syntax.any(a, Syntax::isWindow))) {
      throw call.position()
          .error(ErrorCode.WINDOWING_ERROR, "window function calls cannot be nested");
    }
    if (call.distinct()) {
      throw call.position().unsupported("DISTINCT in a window function");
    }
    if (!call.orderBy().isEmpty() && !call.withinGroup()) {
      throw call.position().unsupported("ORDER BY inside a window function");
    }
    Definition window = define(Objects.requireNonNull(call.over()));
    WindowRel.Frame frame = window.frame == null ? WindowRel.Frame.DEFAULT : window.frame;
    @Nullable AggregateFn fn = Aggregates.named(call.name());
    WindowRel.Call bound = fn != null ? aggregate(fn, call, frame) : function(call, frame);
    List<WindowRel.Call> calls = windows.computeIfAbsent(window.key, k -> new ArrayList<>());
    int known = calls.indexOf(bound);
    if (known < 0) {
      known = calls.size();
      calls.add(bound);
    }
    this.calls.put(call, new Bound(window.key, known));
  }

  private WindowRel.Call aggregate(AggregateFn fn, Call call, WindowRel.Frame frame) {
    if (fn.isOrderedSet()) {
      throw call.position().unsupported("OVER for ordered-set aggregate " + call.name());
    }
    AggregateBinder.Bound bound =
        new AggregateBinder(context, binder, columns).bind(call, e -> false);
    List<Integer> arguments = bound.arguments();
    SqlType argument =
        arguments.isEmpty()
            ? SqlType.BIGINT
            : CalciteTypes.of(columns.get(arguments.getFirst()).getType());
    // A frame may be empty, and then only counts are not NULL.
    boolean nullable =
        switch (fn) {
          case COUNT, REGR_COUNT, APPROX_COUNT_DISTINCT -> false;
          default -> true;
        };
    return new WindowRel.AggregateOver(
        call.name(),
        bound.operator(),
        arguments,
        bound.filter(),
        frame,
        CalciteTypes.of(Aggregates.resultType(fn, argument), nullable));
  }

  private WindowRel.Call function(Call call, WindowRel.Frame frame) {
    @Nullable WindowFn fn = WindowFunctions.named(call.name());
    if (fn == null) {
      if (!Functions.exists(call.name())) {
        throw Functions.missing(call.name(), binder.bindAll(call.args()), call.position());
      }
      throw call.position()
          .error(
              ErrorCode.WRONG_OBJECT_TYPE,
              "OVER specified, but "
                  + call.name()
                  + " is not a window function nor an aggregate function");
    }
    if (call.filter() != null) {
      throw call.position().unsupported("FILTER for a window function that is no aggregate");
    }
    List<RexNode> args =
        WindowFunctions.arguments(fn, call, binder.bindAll(call.args()), context.scalars());
    return new WindowRel.FunctionOver(
        call.name(),
        fn,
        args.stream().map(this::addColumn).toList(),
        frame,
        WindowFunctions.resultType(fn, args));
  }

  /** The input's columns, then others, then the window functions. */
  RelNode rel() {
    if (calls.isEmpty()) {
      return input;
    }
    RelNode projected =
        columns.size() == input.getRowType().getFieldCount()
            ? input
            : LogicalProject.create(input, List.of(), columns, labels(), binder.correlations());
    return new WindowRel(
        projected,
        windows.entrySet().stream()
            .map(w ->
                new WindowRel.Group(
                    w.getKey().partition, w.getKey().order, List.copyOf(w.getValue())))
            .toList());
  }

  /** Names for EXPLAIN. */
  private List<String> labels() {
    var labels = new ArrayList<>(input.getRowType().getFieldNames());
    for (RexNode column : columns.subList(labels.size(), columns.size())) {
      labels.add(
          column instanceof RexInputRef ref ? labels.get(ref.getIndex()) : "expr" + labels.size());
    }
    return labels;
  }

  /**
   * The column of each call.
   *
   * @param row of what {@link #rel} gave
   */
  Map<SqlExpression, RexNode> columns(RelDataType row) {
    var first = new HashMap<Key, Integer>();
    int next = columns.size();
    for (Map.Entry<Key, List<WindowRel.Call>> window : windows.entrySet()) {
      first.put(window.getKey(), next);
      next += window.getValue().size();
    }
    var found = new IdentityHashMap<SqlExpression, RexNode>();
    calls.forEach((call, bound) ->
        found.put(call, Scalars.column(row, first.getOrDefault(bound.window, 0) + bound.call)));
    return found;
  }
}

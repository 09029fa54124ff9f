package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.OrderItem;
import dev.sheaf.compute.sql.SqlQuery.Select;
import dev.sheaf.compute.sql.analyze.RelationBinder.Bound;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalValues;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/** Binds one SELECT with the ORDER BY and limits around it, clause by clause. */
final class SelectBinder {
  private final BindContext context;
  private final Environment environment;
  private final @Nullable ExpressionBinder outer;

  SelectBinder(BindContext context, Environment environment, @Nullable ExpressionBinder outer) {
    this.context = context;
    this.environment = environment;
    this.outer = outer;
  }

  /** An output column before it is bound: an expression, or a column of {@code *}. */
  private record Output(@Nullable SqlExpression syntax, @Nullable RexNode star, String name) {}

  BoundQuery bind(Select select, SqlQuery query, boolean keepUnknown) {
    Bound from = from(select);
    RelNode rel = where(select, from);
    Scope scope = new Scope(rel.getRowType(), from.scope().columns());
    List<Output> outputs = outputs(select, scope);
    List<String> names = outputs.stream().map(Output::name).toList();
    @Nullable Grouping grouping = null;
    List<SqlExpression> evaluated = expressions(outputs, select, query.orderBy());
    if (isGrouped(select, query.orderBy())) {
      RecursionCheck.checkNotGrouped(select, environment);
      var grouper = new GroupBinder(context, environment, outer, scope, rel);
      for (Output output : outputs) {
        if (output.star != null) {
          grouper.requireKey(output.star);
        }
      }
      grouper.group(select.groupBy(), key -> key(key, outputs, scope), evaluated);
      rel = grouper.rel();
      grouping = grouper.grouping();
      rel = having(select, rel, scope, grouping);
    }
    Scope visible = scope;
    Map<SqlExpression, RexNode> windowColumns = Map.of();
    if (!select.windows().isEmpty()
        || evaluated.stream().anyMatch(e -> Syntax.any(e, Syntax::isWindow))) {
      var windows = new WindowBinder(context, environment, scope, grouping, outer, rel);
      windows.bind(select.windows(), evaluated);
      rel = windows.rel();
      windowColumns = windows.columns(rel.getRowType());
      visible = new Scope(rel.getRowType(), scope.columns());
      grouping = grouping == null ? null : grouping.over(rel.getRowType());
    }
    var binder =
        new ExpressionBinder(
            context, environment, visible, grouping, outer, "the select list", windowColumns);
    var columns = new ArrayList<RexNode>();
    boolean plain = keepUnknown && !select.distinct() && query.orderBy().isEmpty();
    for (Output output : outputs) {
      RexNode column = column(output, binder, grouping);
      columns.add(plain ? column : context.scalars().known(column, select.position()));
    }
    return finish(select, query, rel, binder, columns, names);
  }

  private Bound from(Select select) {
    if (select.from() == null) {
      RelNode one = LogicalValues.createOneRow(context.cluster());
      return new Bound(one, new Scope(one.getRowType(), List.of()));
    }
    return new RelationBinder(context, environment, outer).bind(select.from());
  }

  private RelNode where(Select select, Bound from) {
    if (select.where() == null) {
      return from.rel();
    }
    var binder = new ExpressionBinder(context, environment, from.scope(), null, outer, "WHERE");
    RexNode condition = binder.condition(select.where());
    return RelationBinder.filter(from.rel(), condition, binder.correlations());
  }

  private static boolean isGrouped(Select select, List<OrderItem> orderBy) {
    if (!select.groupBy().isEmpty() || select.having() != null) {
      return true;
    }
    Stream<SqlExpression> items =
        select.items().stream()
            .filter(SqlQuery.Item.class::isInstance)
            .map(i -> ((SqlQuery.Item) i).expression());
    Stream<SqlExpression> order = orderBy.stream().map(OrderItem::expression);
    Stream<SqlExpression> windows =
        select.windows().stream().flatMap(w -> Syntax.parts(w.window()).stream());
    return Stream.of(items, order, windows)
        .flatMap(Function.identity())
        .anyMatch(e -> Syntax.any(e, Syntax::isAggregate));
  }

  private static List<Output> outputs(Select select, Scope scope) {
    var outputs = new ArrayList<Output>();
    for (SqlQuery.SelectItem item : select.items()) {
      switch (item) {
        case SqlQuery.Star star ->
            scope
                .star(star.qualifier(), star.position())
                .forEach(c -> outputs.add(new Output(null, c.value(), c.name())));
        case SqlQuery.Item i -> outputs.add(new Output(i.expression(), null, name(i)));
      }
    }
    return outputs;
  }

  /** The name of an output column, as PostgreSQL chooses it. */
  static String name(SqlQuery.Item item) {
    @Nullable Identifier alias = item.alias();
    return alias != null ? alias.name() : name(item.expression());
  }

  private static String name(SqlExpression node) {
    return switch (node) {
      case SqlExpression.Name name -> name.column();
      case SqlExpression.Call call -> call.name();
      case SqlExpression.Cast cast ->
          cast.operand() instanceof SqlExpression.Name
                  || cast.operand() instanceof SqlExpression.Call
              ? name(cast.operand())
              : cast.type().kind().sqlName();
      case SqlExpression.Case c -> "case";
      case SqlExpression.Exists e -> "exists";
      default -> "?column?";
    };
  }

  private static List<SqlExpression> expressions(
      List<Output> outputs, Select select, List<OrderItem> orderBy) {
    var all = new ArrayList<SqlExpression>();
    for (Output output : outputs) {
      if (output.syntax != null) {
        all.add(output.syntax);
      }
    }
    if (select.having() != null) {
      all.add(select.having());
    }
    select.windows().forEach(w -> all.addAll(Syntax.parts(w.window())));
    orderBy.forEach(o -> all.add(o.expression()));
    return all;
  }

  /** In GROUP BY a number or an alias stands for an output column. */
  private static SqlExpression key(SqlExpression key, List<Output> outputs, Scope scope) {
    List<String> names = outputs.stream().map(Output::name).toList();
    boolean inputColumn = key instanceof SqlExpression.Name name && scope.find(name) != null;
    int output = inputColumn ? -1 : QueryBinder.outputColumn(key, names);
    @Nullable SqlExpression meant = output < 0 ? key : outputs.get(output).syntax;
    if (meant == null) {
      throw key.position().unsupported("grouping by the number of a column of *");
    }
    return meant;
  }

  private RelNode having(Select select, RelNode rel, Scope scope, Grouping grouping) {
    if (select.having() == null) {
      return rel;
    }
    var binder = new ExpressionBinder(context, environment, scope, grouping, outer, "HAVING");
    RexNode condition = binder.condition(select.having());
    return RelationBinder.filter(rel, condition, binder.correlations());
  }

  private static RexNode column(
      Output output, ExpressionBinder binder, @Nullable Grouping grouping) {
    if (output.syntax != null) {
      return binder.bind(output.syntax);
    }
    RexNode star = Objects.requireNonNull(output.star);
    return grouping == null ? star : Scalars.column(grouping.row(), grouping.keys().indexOf(star));
  }

  private BoundQuery finish(
      Select select,
      SqlQuery query,
      RelNode input,
      ExpressionBinder binder,
      List<RexNode> columns,
      List<String> names) {
    int visible = columns.size();
    var keys = new ArrayList<RelFieldCollation>();
    for (OrderItem item : query.orderBy()) {
      keys.add(Limits.collation(sortColumn(item, select, binder, columns, names), item));
    }
    if (columns.isEmpty()) {
      throw select.position().unsupported("SELECT without columns");
    }
    RelNode rel =
        LogicalProject.create(
            input, List.of(), columns, labels(columns.size(), names), binder.correlations());
    if (select.distinct()) {
      rel =
          LogicalAggregate.create(
              rel, List.of(), ImmutableBitSet.range(columns.size()), null, List.of());
    }
    rel = new Limits(context).sort(rel, keys, query);
    if (columns.size() > visible) {
      List<RexNode> kept = Columns.references(rel).subList(0, visible);
      rel = LogicalProject.create(rel, List.of(), kept, names, Set.of());
    }
    return new BoundQuery(rel, names);
  }

  private static List<String> labels(int columns, List<String> names) {
    var labels = new ArrayList<>(names);
    for (int i = names.size(); i < columns; i++) {
      labels.add("$sort" + i);
    }
    return labels;
  }

  /** The column to sort by: an output column if the item is one, else a hidden one. */
  private int sortColumn(
      OrderItem item,
      Select select,
      ExpressionBinder binder,
      List<RexNode> columns,
      List<String> names) {
    SqlExpression node = item.expression();
    Position at = node.position();
    int output = QueryBinder.outputColumn(node, names);
    if (output >= 0) {
      if (node instanceof SqlExpression.Name) {
        checkUnambiguous(output, columns, names, at);
      }
      return output;
    }
    RexNode bound = context.scalars().known(binder.bind(node), at);
    int same = columns.indexOf(bound);
    if (same >= 0) {
      return same;
    }
    if (select.distinct()) {
      throw at.error(
          ErrorCode.INVALID_COLUMN_REFERENCE,
          "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
    }
    columns.add(bound);
    return columns.size() - 1;
  }

  private static void checkUnambiguous(
      int output, List<RexNode> columns, List<String> names, Position at) {
    for (int i = output + 1; i < names.size(); i++) {
      if (names.get(i).equals(names.get(output)) && !columns.get(i).equals(columns.get(output))) {
        throw at.error(
            ErrorCode.AMBIGUOUS_COLUMN, "ORDER BY \"" + names.get(output) + "\" is ambiguous");
      }
    }
  }
}

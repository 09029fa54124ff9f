package dev.sheaf.compute.sql.analyze;

import com.google.common.collect.ImmutableSet;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.JoinType;
import dev.sheaf.compute.sql.SqlQuery.Relation;
import dev.sheaf.compute.sql.SystemTables;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.compute.sql.analyze.Scope.Source;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalCorrelate;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds FROM. */
final class RelationBinder {
  /** A bound FROM item and the columns it offers. */
  record Bound(RelNode rel, Scope scope) {}

  private final BindContext context;
  private final Environment environment;
  private final @Nullable ExpressionBinder outer;

  RelationBinder(BindContext context, Environment environment, @Nullable ExpressionBinder outer) {
    this.context = context;
    this.environment = environment;
    this.outer = outer;
  }

  Bound bind(Relation relation) {
    return bind(relation, outer);
  }

  /**
   * @param lateral what LATERAL may see beyond the relation itself: the items before it, then the
   *     enclosing query
   */
  private Bound bind(Relation relation, @Nullable ExpressionBinder lateral) {
    context.countRelation(relation.position());
    return switch (relation) {
      case SqlQuery.Table table -> table(table);
      case SqlQuery.Derived derived -> derived(derived, derived.lateral() ? lateral : outer);
      case SqlQuery.Join join -> join(join, lateral);
    };
  }

  private Bound table(SqlQuery.Table table) {
    TableName name = table.name();
    @Nullable Environment with = name.schema() == null ? environment.find(name.name()) : null;
    if (with != null) {
      return with(table, with);
    }
    Identifier alias =
        table.alias() == null ? new Identifier(name.name(), name.position()) : table.alias();
    if (SystemTables.SCHEMA.equals(name.schema())) {
      List<Field> fields =
          SystemTables.columns(name.name())
              .orElseThrow(() -> Tables.missing(name, context.catalog()));
      RelNode rel =
          new SystemTableRel(context.cluster(), SystemTables.SCHEMA + "." + name.name(), fields);
      return named(
          rel,
          alias,
          fields.stream().map(Field::name).toList(),
          table.columns(),
          null,
          name.schema());
    }
    Optional<TableDescriptor> found = Tables.find(name, context.catalog());
    TableDescriptor descriptor = found.orElseThrow(() -> Tables.missing(name, context.catalog()));
    context.use(descriptor);
    RelNode rel =
        new TableRel(
            context.cluster(),
            descriptor,
            context.catalog().statistics(descriptor),
            false,
            asOf(table));
    List<String> names = descriptor.columns().stream().map(ColumnDescriptor::name).toList();
    @Nullable String schema = table.alias() == null ? descriptor.schema() : null;
    return named(rel, alias, names, table.columns(), descriptor, schema);
  }

  private @Nullable RexNode asOf(SqlQuery.Table table) {
    @Nullable SqlExpression asOf = table.asOf();
    if (asOf == null) {
      return null;
    }
    var binder =
        new ExpressionBinder(
            context, environment, Scope.EMPTY, null, null, "FOR SYSTEM_TIME AS OF");
    if (Syntax.hasSubquery(asOf)) {
      throw asOf.position().unsupported("a subquery in FOR SYSTEM_TIME AS OF");
    }
    return context
        .scalars()
        .implicit(binder.bind(asOf), SqlType.TIMESTAMPTZ, "FOR SYSTEM_TIME AS OF", asOf.position());
  }

  private Bound with(SqlQuery.Table table, Environment with) {
    SqlQuery.Cte cte = Objects.requireNonNull(with.cte());
    if (table.asOf() != null) {
      throw table.position().unsupported("FOR SYSTEM_TIME AS OF on a WITH query");
    }
    Environment visible = with.rest() == null ? Environment.EMPTY : with.rest();
    BoundQuery query = new QueryBinder(context, visible, with.outer()).bind(cte.query(), false);
    List<String> names = renamed(query.names(), cte.columns(), cte.name());
    Identifier alias = table.alias() == null ? cte.name() : table.alias();
    return named(query.rel(), alias, names, table.columns(), null, null);
  }

  private Bound derived(SqlQuery.Derived derived, @Nullable ExpressionBinder enclosing) {
    BoundQuery query =
        new QueryBinder(context, environment, enclosing).bind(derived.query(), false);
    Identifier alias =
        derived.alias() == null ? new Identifier("", derived.position()) : derived.alias();
    return named(query.rel(), alias, query.names(), derived.columns(), null, null);
  }

  private static Bound named(
      RelNode rel,
      Identifier alias,
      List<String> names,
      List<Identifier> columns,
      @Nullable TableDescriptor table,
      @Nullable String schema) {
    var source = new Source(schema, alias.name(), table);
    return new Bound(rel, Scope.of(source, renamed(names, columns, alias), rel.getRowType()));
  }

  private static List<String> renamed(
      List<String> names, List<Identifier> columns, Identifier alias) {
    if (columns.size() > names.size()) {
      throw alias
          .position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "\""
                  + alias.name()
                  + "\" has "
                  + names.size()
                  + " columns available but "
                  + columns.size()
                  + " columns specified");
    }
    var renamed = new ArrayList<>(names);
    for (int i = 0; i < columns.size(); i++) {
      renamed.set(i, columns.get(i).name());
    }
    return renamed;
  }

  private Bound join(SqlQuery.Join join, @Nullable ExpressionBinder lateral) {
    Bound left = bind(join.left(), lateral);
    var before = new ExpressionBinder(context, environment, left.scope, null, lateral, "LATERAL");
    Bound right = bind(join.right(), before);
    checkAliases(left.scope, right.scope, join.position());
    if (!before.correlations().isEmpty()) {
      return correlated(join, left, right, before.correlations().iterator().next());
    }
    var both = new JoinedScope(context.scalars(), left.scope, right.scope, join.position());
    JoinRelType type = type(join.type());
    if (join.using() != null || join.natural()) {
      List<Identifier> columns =
          join.using() != null ? join.using() : both.commonNames(join.position());
      RexNode condition = both.using(columns);
      RelNode rel = joinRel(left.rel, right.rel, condition, type);
      return new Bound(rel, both.merged(rel.getRowType(), columns, join.type()));
    }
    SqlExpression on = join.on();
    if (on == null) {
      RelNode rel = joinRel(left.rel, right.rel, context.scalars().and(List.of()), type);
      return new Bound(rel, both.over(rel.getRowType()));
    }
    var binder = new ExpressionBinder(context, environment, both.inputs(), null, outer, "JOIN/ON");
    RexNode condition = binder.condition(on);
    if (!Syntax.hasSubquery(on)) {
      RelNode rel = joinRel(left.rel, right.rel, condition, type);
      return new Bound(rel, both.over(rel.getRowType()));
    }
    if (type != JoinRelType.INNER) {
      throw on.position().unsupported("a subquery in the condition of an outer join");
    }
    RelNode cross = joinRel(left.rel, right.rel, context.scalars().and(List.of()), type);
    RelNode rel = filter(cross, condition, binder.correlations());
    return new Bound(rel, both.over(rel.getRowType()));
  }

  /** A join whose right side uses the left's columns. */
  private Bound correlated(SqlQuery.Join join, Bound left, Bound right, CorrelationId id) {
    boolean trueOn =
        join.on() == null || (join.on() instanceof SqlExpression.BooleanLiteral b && b.value());
    boolean inner = join.type() == JoinType.INNER || join.type() == JoinType.CROSS;
    boolean plainLeft = join.type() == JoinType.LEFT && trueOn;
    if (join.using() != null || join.natural() || !(inner || plainLeft)) {
      throw join.right().position().unsupported("this kind of join with LATERAL");
    }
    RelNode rel =
        LogicalCorrelate.create(
            left.rel,
            right.rel,
            List.of(),
            id,
            RelOptUtil.correlationColumns(id, right.rel),
            type(join.type()));
    Scope scope =
        new JoinedScope(context.scalars(), left.scope, right.scope, join.position())
            .over(rel.getRowType());
    SqlExpression condition = join.on();
    if (trueOn || condition == null) {
      return new Bound(rel, scope);
    }
    var on = new ExpressionBinder(context, environment, scope, null, outer, "JOIN/ON");
    RexNode bound = on.condition(condition);
    return new Bound(filter(rel, bound, on.correlations()), scope);
  }

  static RelNode filter(RelNode input, RexNode condition, Set<CorrelationId> ids) {
    return LogicalFilter.create(input, condition, ImmutableSet.copyOf(ids));
  }

  private static RelNode joinRel(RelNode left, RelNode right, RexNode condition, JoinRelType type) {
    return LogicalJoin.create(left, right, List.of(), condition, Set.of(), type);
  }

  private static JoinRelType type(JoinType type) {
    return switch (type) {
      case INNER, CROSS -> JoinRelType.INNER;
      case LEFT -> JoinRelType.LEFT;
      case RIGHT -> JoinRelType.RIGHT;
      case FULL -> JoinRelType.FULL;
    };
  }

  private static void checkAliases(Scope left, Scope right, Position position) {
    var seen = new HashSet<List<String>>();
    left.columns().forEach(c -> seen.add(key(c.source())));
    for (Scope.ScopeColumn column : right.columns()) {
      String alias = column.source().alias();
      if (!alias.isEmpty() && seen.contains(key(column.source()))) {
        throw position.error(
            ErrorCode.DUPLICATE_ALIAS, "table name \"" + alias + "\" specified more than once");
      }
    }
  }

  private static List<String> key(Source source) {
    return source.schema() == null
        ? List.of(source.alias())
        : List.of(source.schema(), source.alias());
  }
}

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
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
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
    Identifier alias = table.alias() == null ? cte.name() : table.alias();
    Environment.@Nullable WorkingTable working = with.working();
    if (working != null) {
      RelNode rel =
          new WorkingTableRel(context.cluster(), working.id(), cte.name().name(), working.row());
      return named(rel, alias, working.names(), table.columns(), null, null);
    }
    if (RecursionCheck.refersToItself(cte)) {
      BoundQuery query = new RecursionBinder(context).bind(cte, with);
      return named(query.rel(), alias, query.names(), table.columns(), null, null);
    }
    BoundQuery query =
        new QueryBinder(context, with.visible(), with.outer()).bind(cte.query(), false);
    List<String> names = renamed(query.names(), cte.columns(), cte.name());
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

  static List<String> renamed(List<String> names, List<Identifier> columns, Identifier alias) {
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
    if (join.type() == JoinType.RIGHT || join.type() == JoinType.FULL) {
      throw join.right()
          .position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "LATERAL refers to the left side of a " + join.type() + " join")
          .withHint("The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
    }
    var both = new JoinedScope(context.scalars(), left.scope, right.scope, join.position());
    if (join.using() != null || join.natural()) {
      List<Identifier> columns =
          join.using() != null ? join.using() : both.commonNames(join.position());
      RelNode matching = filter(right.rel, ofRight(both.using(columns), left, id), Set.of());
      RelNode rel = correlate(left, matching, id, join.type());
      return new Bound(rel, both.merged(rel.getRowType(), columns, join.type()));
    }
    SqlExpression on = join.on();
    if (on == null || (on instanceof SqlExpression.BooleanLiteral b && b.value())) {
      RelNode rel = correlate(left, right.rel, id, join.type());
      return new Bound(rel, both.over(rel.getRowType()));
    }
    if (Syntax.hasSubquery(on)) {
      if (join.type() == JoinType.LEFT) {
        throw on.position().unsupported("a subquery in the condition of an outer join");
      }
      RelNode rel = correlate(left, right.rel, id, join.type());
      Scope scope = both.over(rel.getRowType());
      var binder = new ExpressionBinder(context, environment, scope, null, outer, "JOIN/ON");
      RexNode condition = binder.condition(on);
      return new Bound(filter(rel, condition, binder.correlations()), scope);
    }
    var binder = new ExpressionBinder(context, environment, both.inputs(), null, outer, "JOIN/ON");
    RelNode matching = filter(right.rel, ofRight(binder.condition(on), left, id), Set.of());
    RelNode rel = correlate(left, matching, id, join.type());
    return new Bound(rel, both.over(rel.getRowType()));
  }

  private static RelNode correlate(Bound left, RelNode right, CorrelationId id, JoinType type) {
    return LogicalCorrelate.create(
        left.rel, right, List.of(), id, RelOptUtil.correlationColumns(id, right), type(type));
  }

  /** A join's condition over the right side alone, to which the left row's columns are known. */
  private static RexNode ofRight(RexNode condition, Bound left, CorrelationId id) {
    RexBuilder rex = left.rel.getCluster().getRexBuilder();
    RexNode row = rex.makeCorrel(left.rel.getRowType(), id);
    int width = left.rel.getRowType().getFieldCount();
    return condition.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef ref) {
            return ref.getIndex() < width
                ? rex.makeFieldAccess(row, ref.getIndex())
                : new RexInputRef(ref.getIndex() - width, ref.getType());
          }
        });
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

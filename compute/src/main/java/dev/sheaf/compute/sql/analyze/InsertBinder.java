package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rel.logical.LogicalValues;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * Binds INSERT. VALUES without subqueries never becomes algebra: its cells are bound one by one.
 */
public final class InsertBinder {
  private final BindContext context;
  private final ParsedStatement.Insert statement;
  private final TableDescriptor table;
  private final TableBinder tableBinder;
  private final Assignment assignment;

  /** Ordinals of the columns that the source gives, in its order. */
  private final List<Integer> targets;

  private InsertBinder(BindContext context, ParsedStatement.Insert statement) {
    this.context = context;
    this.statement = statement;
    this.table = Tables.resolve(statement.table(), context.catalog());
    context.use(table);
    this.tableBinder = new TableBinder(context, table, statement.alias());
    this.assignment = new Assignment(context);
    this.targets = targets();
  }

  public static BoundChange.Insert bind(ParsedStatement.Insert statement, BindContext context) {
    var binder = new InsertBinder(context, statement);
    return new BoundChange.Insert(
        binder.table,
        binder.source(),
        binder.conflict(),
        binder.tableBinder.checks(),
        binder.tableBinder.returning(statement.returning()));
  }

  private List<Integer> targets() {
    if (statement.columns().isEmpty()) {
      return IntStream.range(0, table.columns().size()).boxed().toList();
    }
    var ordinals = new ArrayList<Integer>();
    for (Identifier column : statement.columns()) {
      int ordinal = tableBinder.target(column);
      if (ordinals.contains(ordinal)) {
        throw column
            .position()
            .error(
                ErrorCode.DUPLICATE_COLUMN,
                "column \"" + column.name() + "\" specified more than once");
      }
      ordinals.add(ordinal);
    }
    return ordinals;
  }

  private BoundChange.Source source() {
    SqlQuery source = statement.source();
    if (source == null) {
      return new BoundChange.Rows(List.of(complete(List.of(), List.of())));
    }
    boolean plain =
        source.with().isEmpty()
            && source.orderBy().isEmpty()
            && source.limit() == null
            && source.offset() == null;
    return plain && source.body() instanceof SqlQuery.Values values
        ? values(values)
        : new BoundChange.Relation(query(source));
  }

  private BoundChange.Source values(SqlQuery.Values values) {
    boolean subqueries = values.rows().stream().flatMap(List::stream).anyMatch(Syntax::hasSubquery);
    var binder =
        new ExpressionBinder(context, Environment.EMPTY, Scope.EMPTY, null, null, "VALUES");
    var rows = new ArrayList<List<RexNode>>(values.rows().size());
    var inputs = new ArrayList<RelNode>();
    List<RexNode> defaults = subqueries ? List.of() : defaults();
    for (List<SqlExpression> row : values.rows()) {
      checkWidth(row.size(), row.get(Math.min(row.size() - 1, targets.size())).position());
      var cells = new ArrayList<RexNode>();
      for (int i = 0; i < row.size(); i++) {
        cells.add(cell(row.get(i), table.columns().get(targets.get(i)), binder));
      }
      if (subqueries) {
        inputs.add(
            project(LogicalValues.createOneRow(context.cluster()), complete(cells, defaults())));
      } else {
        rows.add(complete(cells, defaults));
      }
    }
    if (!subqueries) {
      return new BoundChange.Rows(rows);
    }
    return new BoundChange.Relation(
        inputs.size() == 1 ? inputs.getFirst() : LogicalUnion.create(inputs, true));
  }

  private RexNode cell(SqlExpression node, ColumnDescriptor column, ExpressionBinder binder) {
    return node instanceof SqlExpression.Default
        ? assignment.defaultOf(column)
        : assignment.assign(binder.bind(node), column, node.position());
  }

  private void checkWidth(int width, Position position) {
    boolean tooMany = width > targets.size();
    boolean tooFew = width < targets.size() && !statement.columns().isEmpty();
    if (tooMany || tooFew) {
      throw position.error(
          ErrorCode.SYNTAX_ERROR,
          tooMany
              ? "INSERT has more expressions than target columns"
              : "INSERT has more target columns than expressions");
    }
  }

  private RelNode query(SqlQuery source) {
    RelNode rel = QueryBinder.bindForAssignment(source, context).rel();
    List<RexNode> columns = Columns.of(rel);
    checkWidth(columns.size(), source.position());
    for (int i = 0; i < columns.size(); i++) {
      ColumnDescriptor column = table.columns().get(targets.get(i));
      columns.set(i, assignment.assign(columns.get(i), column, source.position()));
    }
    RelNode cast = Columns.replace(rel, columns);
    return project(cast, complete(Columns.references(cast), defaults()));
  }

  private RelNode project(RelNode input, List<RexNode> columns) {
    List<String> names = table.columns().stream().map(ColumnDescriptor::name).toList();
    return LogicalProject.create(input, List.of(), columns, names, Set.of());
  }

  /** DEFAULT of each column that the source does not give, others null. */
  private List<RexNode> defaults() {
    var defaults = new ArrayList<RexNode>();
    for (ColumnDescriptor column : table.columns()) {
      defaults.add(assignment.defaultOf(column));
    }
    return defaults;
  }

  /** All columns in table order. */
  private List<RexNode> complete(List<RexNode> given, List<RexNode> defaults) {
    List<RexNode> row = new ArrayList<>(defaults.isEmpty() ? defaults() : defaults);
    for (int i = 0; i < given.size(); i++) {
      row.set(targets.get(i), given.get(i));
    }
    return row;
  }

  private BoundChange.@Nullable Conflict conflict() {
    ParsedStatement.OnConflict conflict = statement.conflict();
    if (conflict == null) {
      return null;
    }
    checkTarget(conflict);
    List<ParsedStatement.Assignment> update = conflict.update();
    if (update == null) {
      return new BoundChange.Conflict(null, null);
    }
    var values = new ArrayList<RexNode>();
    for (int i = 0; i < table.columns().size(); i++) {
      values.add(tableBinder.existing(i));
    }
    var assigned = new HashSet<Integer>();
    for (ParsedStatement.Assignment a : update) {
      int ordinal = tableBinder.target(a.column());
      ChangeBinder.checkOnce(assigned.add(ordinal), a.column());
      ColumnDescriptor column = table.columns().get(ordinal);
      values.set(
          ordinal,
          a.value() instanceof SqlExpression.Default
              ? assignment.defaultOf(column)
              : assignment.assign(
                  tableBinder.conflictValue(a.value()), column, a.value().position()));
    }
    SqlExpression where = conflict.where();
    return new BoundChange.Conflict(
        values, where == null ? null : tableBinder.conflictCondition(where));
  }

  private void checkTarget(ParsedStatement.OnConflict conflict) {
    Set<Integer> named = new HashSet<>();
    for (Identifier column : conflict.target()) {
      named.add(table.columns().get(tableBinder.target(column)).id());
    }
    boolean missing = conflict.target().isEmpty() && conflict.update() != null;
    boolean wrong =
        !conflict.target().isEmpty()
            && (table.primaryKey().isEmpty() || !named.equals(Set.copyOf(table.primaryKey())));
    if (missing) {
      throw conflict
          .position()
          .error(
              ErrorCode.SYNTAX_ERROR,
              "ON CONFLICT DO UPDATE requires the primary key's columns, as in ON CONFLICT (id)");
    }
    if (wrong) {
      throw conflict
          .position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "there is no unique constraint matching the ON CONFLICT specification")
          .withHint("Name exactly the columns of the primary key.");
    }
  }
}

package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.compute.sql.analyze.Scope.Source;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds expressions over one table's rows: CHECK, RETURNING, ON CONFLICT. */
public final class TableBinder {
  /**
   * @param names of the columns
   */
  public record Returning(List<RexNode> expressions, List<String> names) {}

  private final BindContext context;
  private final TableDescriptor table;
  private final Scope scope;
  private final Scope withExcluded;

  public TableBinder(BindContext context, TableDescriptor table, @Nullable Identifier alias) {
    this.context = context;
    this.table = table;
    List<Field> fields = fields(table);
    List<String> names = fields.stream().map(Field::name).toList();
    var source =
        new Source(
            alias == null ? table.schema() : null,
            alias == null ? table.name() : alias.name(),
            table);
    this.scope = Scope.of(source, names, CalciteTypes.row(fields));
    this.withExcluded = withExcluded(source, fields, names);
  }

  private static Scope withExcluded(Source source, List<Field> fields, List<String> names) {
    var both = new ArrayList<>(fields);
    fields.forEach(f -> both.add(new Field("excluded." + f.name(), f.type(), f.nullable())));
    RelDataType row = CalciteTypes.row(both);
    var excluded = new Source(null, "excluded", null);
    var columns = new ArrayList<ScopeColumn>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new ScopeColumn(source, names.get(i), Scalars.column(row, i), false));
    }
    for (int i = 0; i < names.size(); i++) {
      RexNode value = Scalars.column(row, names.size() + i);
      // Unqualified names mean the existing row, as in PostgreSQL.
      columns.add(new ScopeColumn(excluded, names.get(i), value, true));
    }
    return new Scope(row, List.copyOf(columns));
  }

  static List<Field> fields(TableDescriptor table) {
    return table.columns().stream().map(c -> new Field(c.name(), c.type(), c.nullable())).toList();
  }

  Scope scope() {
    return scope;
  }

  /** A CHECK's text over the table's columns; positions are in that text. */
  public RexNode check(String sql) {
    SqlExpression syntax = SqlParser.parseExpression(sql);
    refuseSubquery(syntax, "CHECK");
    return binder(scope, "CHECK").condition(syntax);
  }

  public List<RexNode> checks() {
    return table.checks().stream().map(CheckDescriptor::conditionSql).map(this::check).toList();
  }

  Returning returning(List<SqlQuery.SelectItem> items) {
    var expressions = new ArrayList<RexNode>();
    var names = new ArrayList<String>();
    for (SqlQuery.SelectItem item : items) {
      switch (item) {
        case SqlQuery.Star star -> {
          for (ScopeColumn column : scope.star(star.qualifier(), star.position())) {
            expressions.add(column.value());
            names.add(column.name());
          }
        }
        case SqlQuery.Item i -> {
          refuseSubquery(i.expression(), "RETURNING");
          RexNode bound = binder(scope, "RETURNING").bind(i.expression());
          expressions.add(context.scalars().known(bound, i.expression().position()));
          names.add(SelectBinder.name(i));
        }
      }
    }
    return new Returning(expressions, names);
  }

  /** An expression of DO UPDATE over the existing row, then the proposed one. */
  RexNode conflictValue(SqlExpression node) {
    refuseSubquery(node, "ON CONFLICT DO UPDATE");
    return binder(withExcluded, "ON CONFLICT DO UPDATE").bind(node);
  }

  RexNode conflictCondition(SqlExpression node) {
    refuseSubquery(node, "ON CONFLICT DO UPDATE");
    return binder(withExcluded, "ON CONFLICT DO UPDATE WHERE").condition(node);
  }

  RexNode existing(int ordinal) {
    return Scalars.column(withExcluded.row(), ordinal);
  }

  private ExpressionBinder binder(Scope over, String clause) {
    return new ExpressionBinder(context, Environment.EMPTY, over, null, null, clause);
  }

  private static void refuseSubquery(SqlExpression node, String clause) {
    if (Syntax.hasSubquery(node)) {
      throw node.position().unsupported("a subquery in " + clause);
    }
  }

  /** Ordinal of a column that a statement writes. */
  int target(Identifier column) {
    for (int i = 0; i < table.columns().size(); i++) {
      ColumnDescriptor candidate = table.columns().get(i);
      if (candidate.name().equals(column.name())) {
        return i;
      }
    }
    throw Assignment.missingColumn(column, table);
  }
}

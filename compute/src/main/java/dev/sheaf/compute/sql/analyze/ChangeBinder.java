package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.compute.sql.analyze.Scope.Source;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds UPDATE and DELETE: the rows with their keys, filtered, and the new values beside them. */
public final class ChangeBinder {
  private final BindContext context;
  private final TableDescriptor table;
  private final TableBinder tableBinder;
  private final RelNode scan;
  private final Scope scope;

  private ChangeBinder(BindContext context, TableName name, @Nullable Identifier alias) {
    this.context = context;
    this.table = Tables.resolve(name, context.catalog());
    context.use(table);
    this.tableBinder = new TableBinder(context, table, alias);
    this.scan =
        new TableRel(context.cluster(), table, context.catalog().statistics(table), true, null);
    var source =
        new Source(
            alias == null ? table.schema() : null,
            alias == null ? table.name() : alias.name(),
            table);
    List<String> names = table.columns().stream().map(ColumnDescriptor::name).toList();
    this.scope = Scope.of(source, names, scan.getRowType());
  }

  public static BoundChange.Update bind(ParsedStatement.Update statement, BindContext context) {
    var binder = new ChangeBinder(context, statement.table(), statement.alias());
    return new BoundChange.Update(
        binder.table,
        binder.updated(statement),
        binder.tableBinder.checks(),
        binder.tableBinder.returning(statement.returning()));
  }

  public static BoundChange.Delete bind(ParsedStatement.Delete statement, BindContext context) {
    var binder = new ChangeBinder(context, statement.table(), statement.alias());
    return new BoundChange.Delete(
        binder.table,
        binder.where(statement.where()),
        binder.tableBinder.returning(statement.returning()));
  }

  private RelNode where(@Nullable SqlExpression where) {
    if (where == null) {
      return scan;
    }
    ExpressionBinder binder = binder("WHERE");
    RexNode condition = binder.condition(where);
    return RelationBinder.filter(scan, condition, binder.correlations());
  }

  private RelNode updated(ParsedStatement.Update statement) {
    RelNode rows = where(statement.where());
    List<RexNode> columns = Columns.references(rows);
    int width = table.columns().size();
    var values = new ArrayList<>(columns.subList(0, width));
    var assignment = new Assignment(context);
    ExpressionBinder binder = binder("UPDATE");
    var assigned = new HashSet<Integer>();
    for (ParsedStatement.Assignment a : statement.assignments()) {
      int ordinal = tableBinder.target(a.column());
      checkOnce(assigned.add(ordinal), a.column());
      ColumnDescriptor column = table.columns().get(ordinal);
      values.set(
          ordinal,
          a.value() instanceof SqlExpression.Default
              ? assignment.defaultOf(column)
              : assignment.assign(binder.bind(a.value()), column, a.value().position()));
    }
    columns.addAll(values);
    return LogicalProject.create(
        rows, List.of(), columns, (List<String>) null, binder.correlations());
  }

  static void checkOnce(boolean first, Identifier column) {
    if (!first) {
      throw column
          .position()
          .error(
              ErrorCode.SYNTAX_ERROR,
              "multiple assignments to same column \"" + column.name() + "\"");
    }
  }

  private ExpressionBinder binder(String clause) {
    return new ExpressionBinder(context, Environment.EMPTY, scope, null, null, clause);
  }
}

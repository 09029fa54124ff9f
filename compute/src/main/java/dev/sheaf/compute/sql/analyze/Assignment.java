package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlParser;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** What is stored in columns: assignment casts and defaults. */
public final class Assignment {
  private final BindContext context;

  public Assignment(BindContext context) {
    this.context = context;
  }

  /** The value as the column's type; 42804 if it cannot be stored there. */
  RexNode assign(RexNode value, ColumnDescriptor column, Position position) {
    SqlType from = Scalars.typeOf(value);
    if (!Coercion.isAssignable(from, column.type())) {
      throw position
          .error(
              ErrorCode.DATATYPE_MISMATCH,
              "column \""
                  + column.name()
                  + "\" is of type "
                  + column.type()
                  + " but expression is of type "
                  + from)
          .withHint("You will need to rewrite or cast the expression.");
    }
    return context.scalars().cast(value, column.type(), Fn.ASSIGN_CAST, position);
  }

  /** The column's DEFAULT, bound; NULL if it has none. */
  RexNode defaultOf(ColumnDescriptor column) {
    @Nullable String sql = column.defaultSql();
    if (sql == null) {
      return context.scalars().nullOf(column.type());
    }
    return defaultOf(sql, column);
  }

  /** A DEFAULT's text, bound and cast; positions are in that text. */
  public RexNode defaultOf(String sql, ColumnDescriptor column) {
    SqlExpression syntax = SqlParser.parseExpression(sql);
    if (Syntax.hasSubquery(syntax)) {
      throw syntax.position().unsupported("a subquery in DEFAULT");
    }
    if (Syntax.any(syntax, SqlExpression.Name.class::isInstance)) {
      throw syntax
          .position()
          .error(
              ErrorCode.INVALID_COLUMN_REFERENCE,
              "cannot use column reference in DEFAULT expression");
    }
    var binder =
        new ExpressionBinder(context, Environment.EMPTY, Scope.EMPTY, null, null, "DEFAULT");
    return assign(binder.bind(syntax), column, syntax.position());
  }

  static SheafException missingColumn(
      dev.sheaf.compute.sql.Identifier column, dev.sheaf.protocol.catalog.TableDescriptor table) {
    SheafException error =
        column
            .position()
            .error(
                ErrorCode.UNDEFINED_COLUMN,
                "column \""
                    + column.name()
                    + "\" of relation \""
                    + table.name()
                    + "\" does not exist");
    return Suggestions.nearest(
            column.name(), table.columns().stream().map(ColumnDescriptor::name).toList())
        .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
        .orElse(error);
  }
}

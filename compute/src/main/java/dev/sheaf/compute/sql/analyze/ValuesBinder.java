package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rel.logical.LogicalValues;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds VALUES. */
final class ValuesBinder {
  private final BindContext context;
  private final Environment environment;
  private final @Nullable ExpressionBinder outer;

  ValuesBinder(BindContext context, Environment environment, @Nullable ExpressionBinder outer) {
    this.context = context;
    this.environment = environment;
    this.outer = outer;
  }

  BoundQuery bind(SqlQuery.Values node) {
    var binder = new ExpressionBinder(context, environment, Scope.EMPTY, null, outer, "VALUES");
    int width = node.rows().getFirst().size();
    var rows = new ArrayList<List<RexNode>>();
    boolean plain = outer == null;
    for (List<SqlExpression> row : node.rows()) {
      if (row.size() != width) {
        throw row.getFirst()
            .position()
            .error(ErrorCode.SYNTAX_ERROR, "VALUES lists must all be the same length");
      }
      plain &= row.stream().noneMatch(Syntax::hasSubquery);
      rows.add(new ArrayList<>(binder.bindAll(row)));
    }
    var fields = new ArrayList<Field>();
    for (int c = 0; c < width; c++) {
      int column = c;
      List<RexNode> cells =
          context
              .scalars()
              .unify(rows.stream().map(r -> r.get(column)).toList(), "VALUES", node.position());
      for (int r = 0; r < rows.size(); r++) {
        rows.get(r).set(c, cells.get(r));
      }
      boolean nullable = cells.stream().anyMatch(v -> v.getType().isNullable());
      fields.add(new Field("column" + (c + 1), Scalars.typeOf(cells.getFirst()), nullable));
    }
    List<String> names = fields.stream().map(Field::name).toList();
    RelNode rel =
        plain
            ? new RowsRel(context.cluster(), List.copyOf(rows), CalciteTypes.row(fields))
            : union(rows, names);
    return new BoundQuery(rel, names);
  }

  private RelNode union(List<List<RexNode>> rows, List<String> names) {
    var inputs = new ArrayList<RelNode>();
    for (List<RexNode> row : rows) {
      RelNode one = LogicalValues.createOneRow(context.cluster());
      inputs.add(LogicalProject.create(one, List.of(), row, names, Set.of()));
    }
    return inputs.size() == 1 ? inputs.getFirst() : LogicalUnion.create(inputs, true);
  }
}

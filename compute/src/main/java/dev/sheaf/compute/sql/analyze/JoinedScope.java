package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Binary;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.compute.sql.SqlQuery.JoinType;
import dev.sheaf.compute.sql.analyze.Scope.ScopeColumn;
import dev.sheaf.compute.sql.analyze.Scope.Source;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.jspecify.annotations.Nullable;

/** The columns of two joined relations side by side. */
final class JoinedScope {
  private final Scalars scalars;
  private final Scope left;
  private final Scope right;
  private final Position position;

  JoinedScope(Scalars scalars, Scope left, Scope right, Position position) {
    this.scalars = scalars;
    this.left = left;
    this.right = right;
    this.position = position;
  }

  /** Both sides' columns as the inputs have them, for the condition. */
  Scope inputs() {
    var fields = new ArrayList<RelDataTypeField>(left.row().getFieldList());
    fields.addAll(right.row().getFieldList());
    RelDataType row =
        CalciteTypes.FACTORY.createStructType(
            fields.stream().map(RelDataTypeField::getType).toList(),
            IntStream.range(0, fields.size()).mapToObj(i -> "c" + i).toList());
    return over(row);
  }

  /** Both sides' columns over the join's row. */
  Scope over(RelDataType row) {
    var columns = new ArrayList<ScopeColumn>();
    left.columns().forEach(c -> columns.add(shifted(c, 0, row, c.merged())));
    int offset = left.row().getFieldCount();
    right.columns().forEach(c -> columns.add(shifted(c, offset, row, c.merged())));
    return new Scope(row, List.copyOf(columns));
  }

  private static ScopeColumn shifted(
      ScopeColumn column, int offset, RelDataType row, boolean merged) {
    return new ScopeColumn(
        column.source(), column.name(), shift(column.value(), offset, row), merged);
  }

  private static RexNode shift(RexNode value, int offset, RelDataType row) {
    return value.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef ref) {
            return Scalars.column(row, ref.getIndex() + offset);
          }
        });
  }

  List<Identifier> commonNames(Position at) {
    return left.columns().stream()
        .filter(c -> !c.merged())
        .map(ScopeColumn::name)
        .filter(n -> right.columns().stream().anyMatch(r -> !r.merged() && r.name().equals(n)))
        .distinct()
        .map(n -> new Identifier(n, at))
        .toList();
  }

  /** Equality of the columns of a USING clause. */
  RexNode using(List<Identifier> columns) {
    RelDataType row = inputs().row();
    var operators = new Operators(scalars);
    var parts = new ArrayList<RexNode>();
    for (Identifier column : columns) {
      RexNode a = shift(find(left, column, "left").value(), 0, row);
      RexNode b = shift(find(right, column, "right").value(), left.row().getFieldCount(), row);
      parts.add(operators.binary(Binary.EQ, a, b, column.position()));
    }
    return scalars.and(parts);
  }

  private static ScopeColumn find(Scope scope, Identifier column, String side) {
    @Nullable ScopeColumn found = scope.find(new Name(List.of(column.name()), column.position()));
    if (found == null) {
      throw column
          .position()
          .error(
              ErrorCode.UNDEFINED_COLUMN,
              "column \""
                  + column.name()
                  + "\" specified in USING clause does not exist in "
                  + side
                  + " table");
    }
    return found;
  }

  /** The scope after USING: the shared columns once, first. */
  Scope merged(RelDataType row, List<Identifier> using, JoinType type) {
    List<String> names = using.stream().map(Identifier::name).toList();
    int offset = left.row().getFieldCount();
    var columns = new ArrayList<ScopeColumn>();
    for (Identifier column : using) {
      RexNode a = shift(find(left, column, "left").value(), 0, row);
      RexNode b = shift(find(right, column, "right").value(), offset, row);
      RexNode value =
          switch (type) {
            case INNER, LEFT, CROSS -> a;
            case RIGHT -> b;
            case FULL -> {
              List<RexNode> both = scalars.unify(List.of(a, b), "JOIN/USING", position);
              yield scalars.call(Fn.COALESCE, Scalars.typeOf(both.getFirst()), both);
            }
          };
      columns.add(new ScopeColumn(new Source(null, "", null), column.name(), value, false));
    }
    left.columns()
        .forEach(c -> columns.add(shifted(c, 0, row, c.merged() || names.contains(c.name()))));
    right
        .columns()
        .forEach(c -> columns.add(shifted(c, offset, row, c.merged() || names.contains(c.name()))));
    return new Scope(row, List.copyOf(columns));
  }
}

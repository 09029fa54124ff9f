package dev.sheaf.compute.sql.analyze;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;

/** Output columns of a relation as expressions, to be cast. */
final class Columns {
  private Columns() {}

  /** What a projection computes, so that constants show; else references. Mutable. */
  static List<RexNode> of(RelNode rel) {
    if (rel instanceof LogicalProject project) {
      return new ArrayList<>(project.getProjects());
    }
    return references(rel);
  }

  static List<RexNode> references(RelNode rel) {
    RelDataType row = rel.getRowType();
    var columns = new ArrayList<RexNode>();
    for (int i = 0; i < row.getFieldCount(); i++) {
      columns.add(Scalars.column(row, i));
    }
    return columns;
  }

  /** The relation with what {@link #of} gave replaced. */
  static RelNode replace(RelNode rel, List<RexNode> columns) {
    if (columns.equals(of(rel))) {
      return rel;
    }
    List<String> names = rel.getRowType().getFieldNames();
    return rel instanceof LogicalProject project
        ? LogicalProject.create(
            project.getInput(), List.of(), columns, names, project.getVariablesSet())
        : LogicalProject.create(rel, List.of(), columns, names, Set.of());
  }
}

package dev.sheaf.compute.plan.rule;

import dev.sheaf.compute.sql.analyze.ConstantOperator;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/**
 * Hides literals that are grouped by. Calcite's decorrelation drops literal group keys; with the
 * last key gone the aggregation would give a row over nothing, and EXISTS would always hold.
 */
public final class OpaqueGroupKeys {
  private OpaqueGroupKeys() {}

  public static RelNode apply(RelNode rel) {
    var inputs = new ArrayList<RelNode>();
    for (RelNode input : rel.getInputs()) {
      RelNode rewritten = apply(input);
      boolean keys = rel instanceof LogicalAggregate a && !a.getGroupSet().isEmpty();
      inputs.add(keys && rewritten instanceof LogicalProject project ? hidden(project) : rewritten);
    }
    return inputs.equals(rel.getInputs()) ? rel : rel.copy(rel.getTraitSet(), inputs);
  }

  private static RelNode hidden(LogicalProject project) {
    List<RexNode> columns =
        project.getProjects().stream()
            .map(e ->
                e instanceof RexLiteral literal
                    ? ConstantOperator.opaque(literal, project.getCluster().getRexBuilder())
                    : e)
            .toList();
    return columns.equals(project.getProjects())
        ? project
        : project.copy(project.getTraitSet(), project.getInput(), columns, project.getRowType());
  }
}

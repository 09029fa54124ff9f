package dev.sheaf.compute.plan.rule;

import dev.sheaf.compute.sql.analyze.WindowRel;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Moves conditions that stand on windows, and are about columns by which all of them are
 * partitioned, below the windows: they drop partitions as a whole.
 */
public final class PartitionFilters {
  private PartitionFilters() {}

  /** The same object if there is nothing to move. */
  public static RelNode apply(RelNode rel) {
    var inputs = new ArrayList<RelNode>();
    rel.getInputs().forEach(i -> inputs.add(apply(i)));
    RelNode node = inputs.equals(rel.getInputs()) ? rel : rel.copy(rel.getTraitSet(), inputs);
    return node instanceof LogicalFilter filter
            && filter.getVariablesSet().isEmpty()
            && filter.getInput() instanceof WindowRel window
        ? moved(filter, window)
        : node;
  }

  private static RelNode moved(LogicalFilter filter, WindowRel window) {
    ImmutableBitSet keys =
        window.groups().stream()
            .map(WindowRel.Group::partition)
            .reduce(ImmutableBitSet::intersect)
            .orElse(ImmutableBitSet.of());
    var below = new ArrayList<RexNode>();
    var above = new ArrayList<RexNode>();
    for (RexNode conjunct : RelOptUtil.conjunctions(filter.getCondition())) {
      boolean movable =
          keys.contains(RelOptUtil.InputFinder.bits(conjunct))
              && RexUtil.isDeterministic(conjunct)
              && !Correlations.hasSubquery(conjunct);
      (movable ? below : above).add(conjunct);
    }
    if (below.isEmpty()) {
      return filter;
    }
    RexBuilder rex = filter.getCluster().getRexBuilder();
    RelNode kept = LogicalFilter.create(window.getInput(), RexUtil.composeConjunction(rex, below));
    RelNode over = window.copy(window.getTraitSet(), List.of(kept));
    return above.isEmpty()
        ? over
        : LogicalFilter.create(over, RexUtil.composeConjunction(rex, above));
  }
}

package dev.sheaf.compute.plan.rule;

import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/**
 * A subquery freed of one correlation: the predicates that used the outer row are taken out, to
 * become part of a join's condition.
 *
 * @param rel without the correlation; its leading columns are the subquery's own
 * @param conditions over {@code rel}'s columns and the outer row
 */
record PulledUp(RelNode rel, List<RexNode> conditions) {

  /** Takes the correlated predicates out; null if they stand where that would change the result. */
  static @Nullable PulledUp from(RelNode rel, CorrelationId id) {
    if (!Correlations.in(rel).contains(id)) {
      return new PulledUp(rel, List.of());
    }
    return switch (rel) {
      case LogicalFilter filter -> filter(filter, id);
      case LogicalProject project -> project(project, id);
      case LogicalJoin join when join.getJoinType() == JoinRelType.INNER -> join(join, id);
      default -> null;
    };
  }

  private static @Nullable PulledUp filter(LogicalFilter filter, CorrelationId id) {
    @Nullable PulledUp input = from(filter.getInput(), id);
    if (input == null) {
      return null;
    }
    var conditions = new ArrayList<>(input.conditions);
    var kept = new ArrayList<RexNode>();
    for (RexNode conjunct : RelOptUtil.conjunctions(filter.getCondition())) {
      if (!Correlations.in(conjunct).contains(id)) {
        kept.add(conjunct);
      } else if (Correlations.hasSubquery(conjunct)) {
        return null;
      } else {
        conditions.add(conjunct);
      }
    }
    RexBuilder rex = filter.getCluster().getRexBuilder();
    RelNode rel =
        kept.isEmpty()
            ? input.rel
            : LogicalFilter.create(
                input.rel,
                RexUtil.composeConjunction(rex, kept),
                ImmutableSet.copyOf(filter.getVariablesSet()));
    return new PulledUp(rel, conditions);
  }

  private static @Nullable PulledUp project(LogicalProject project, CorrelationId id) {
    @Nullable PulledUp input = from(project.getInput(), id);
    boolean correlated =
        project.getProjects().stream().anyMatch(e -> Correlations.in(e).contains(id));
    if (input == null || correlated) {
      return null;
    }
    var columns = new ArrayList<>(project.getProjects());
    var conditions = new ArrayList<RexNode>();
    for (RexNode condition : input.conditions) {
      conditions.add(
          condition.accept(
              new RexShuttle() {
                @Override
                public RexNode visitInputRef(RexInputRef ref) {
                  int at = columns.indexOf(ref);
                  if (at < 0) {
                    columns.add(ref);
                    at = columns.size() - 1;
                  }
                  return new RexInputRef(at, ref.getType());
                }
              }));
    }
    RelNode rel =
        LogicalProject.create(
            input.rel, List.of(), columns, (List<String>) null, project.getVariablesSet());
    return new PulledUp(rel, conditions);
  }

  private static @Nullable PulledUp join(LogicalJoin join, CorrelationId id) {
    // A side that gains columns would move the other's: only sides that stay as wide.
    @Nullable PulledUp left = from(join.getLeft(), id);
    @Nullable PulledUp right = from(join.getRight(), id);
    boolean unusable =
        left == null
            || right == null
            || Correlations.in(join.getCondition()).contains(id)
            || !join.getVariablesSet().isEmpty();
    if (unusable || left == null || right == null) {
      return null;
    }
    int width = join.getLeft().getRowType().getFieldCount();
    if (left.rel.getRowType().getFieldCount() != width) {
      return null;
    }
    var conditions = new ArrayList<>(left.conditions);
    right.conditions.forEach(c -> conditions.add(RexUtil.shift(c, width)));
    RelNode rel =
        LogicalJoin.create(
            left.rel, right.rel, List.of(), join.getCondition(), Set.of(), JoinRelType.INNER);
    return new PulledUp(rel, conditions);
  }
}

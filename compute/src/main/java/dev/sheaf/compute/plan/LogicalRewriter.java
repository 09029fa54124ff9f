package dev.sheaf.compute.plan;

import dev.sheaf.compute.plan.rule.Estimator;
import dev.sheaf.compute.plan.rule.JoinOrder;
import dev.sheaf.compute.plan.rule.OpaqueGroupKeys;
import dev.sheaf.compute.plan.rule.PartitionFilters;
import dev.sheaf.compute.plan.rule.SemiJoins;
import dev.sheaf.compute.plan.rule.ShadowedRows;
import dev.sheaf.compute.plan.rule.Unshared;
import dev.sheaf.compute.sql.analyze.TableRel;
import java.util.List;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Correlate;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.RelFactories;
import org.apache.calcite.rel.rules.CoreRules;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql2rel.RelDecorrelator;

/**
 * The rewriting phases, which reads and writes by key skip, in order: EXISTS and IN to semi-joins;
 * other subqueries to correlated joins; decorrelation (what it cannot do stays a correlated join);
 * filters down, windows included; join order; tidy up.
 */
final class LogicalRewriter {
  private static final System.Logger LOG = System.getLogger(LogicalRewriter.class.getName());

  private static final HepProgram SUBQUERIES =
      program(
          List.of(
              CoreRules.FILTER_SUB_QUERY_TO_CORRELATE,
              CoreRules.PROJECT_SUB_QUERY_TO_CORRELATE,
              CoreRules.JOIN_SUB_QUERY_TO_CORRELATE));

  private static final HepProgram PUSH_DOWN =
      program(
          List.of(
              CoreRules.FILTER_MERGE,
              CoreRules.FILTER_INTO_JOIN,
              CoreRules.JOIN_CONDITION_PUSH,
              CoreRules.FILTER_PROJECT_TRANSPOSE,
              CoreRules.FILTER_AGGREGATE_TRANSPOSE,
              CoreRules.FILTER_SET_OP_TRANSPOSE,
              CoreRules.FILTER_CORRELATE,
              CoreRules.JOIN_PUSH_EXPRESSIONS,
              CoreRules.PROJECT_MERGE,
              CoreRules.PROJECT_REMOVE));

  private static final HepProgram TIDY_UP =
      program(List.of(CoreRules.PROJECT_MERGE, CoreRules.PROJECT_REMOVE, CoreRules.FILTER_MERGE));

  private LogicalRewriter() {}

  private static HepProgram program(List<RelOptRule> rules) {
    return new HepProgramBuilder().addRuleCollection(rules).build();
  }

  static RelNode rewrite(RelNode root, PlannerSettings settings, Estimator estimator) {
    if (isPlain(root)) {
      return root instanceof Project project && selectsAll(project) ? project.getInput() : root;
    }
    RelNode rel = Unshared.apply(SemiJoins.apply(root));
    boolean keepCorrelated = losesRows(rel);
    rel = Unshared.apply(OpaqueGroupKeys.apply(ShadowedRows.apply(run(SUBQUERIES, rel))));
    rel = pushedDown(keepCorrelated ? rel : Unshared.apply(decorrelated(rel)));
    if (settings.reorderJoins()) {
      rel = JoinOrder.apply(rel, estimator);
    }
    return run(TIDY_UP, rel);
  }

  /**
   * Columns of filtered rows of one table, where no rule has anything to do: reads and writes by
   * key are of this shape, and the optimiser would cost them more than the rest of their planning.
   */
  private static boolean isPlain(RelNode root) {
    RelNode rel = root;
    if (rel instanceof Project project && !hasSubquery(project.getProjects())) {
      rel = project.getInput();
    }
    if (rel instanceof Filter filter && !hasSubquery(List.of(filter.getCondition()))) {
      rel = filter.getInput();
    }
    return rel instanceof TableRel;
  }

  private static boolean selectsAll(Project project) {
    return RexUtil.isIdentity(project.getProjects(), project.getInput().getRowType());
  }

  private static boolean hasSubquery(List<RexNode> expressions) {
    return expressions.stream().anyMatch(e -> RexUtil.SubQueryFinder.find(e) != null);
  }

  /** As far as it goes: a correlated join that stays runs row by row, slower and right. */
  private static RelNode decorrelated(RelNode rel) {
    try {
      RelNode free =
          RelDecorrelator.decorrelateQuery(
              rel, RelFactories.LOGICAL_BUILDER.create(rel.getCluster(), null));
      return hasWindow(free) ? rel : free;
    } catch (RuntimeException | AssertionError e) {
      LOG.log(System.Logger.Level.DEBUG, "a query stays correlated", e);
      return rel;
    }
  }

  /**
   * Whether a LATERAL side has an ungrouped aggregation, which gives a row even over nothing:
   * Calcite's decorrelation forgets that row.
   */
  private static boolean losesRows(RelNode rel) {
    return (rel instanceof Correlate lateral && hasUngrouped(lateral.getRight()))
        || rel.getInputs().stream().anyMatch(LogicalRewriter::losesRows);
  }

  private static boolean hasUngrouped(RelNode rel) {
    return (rel instanceof Aggregate aggregate && aggregate.getGroupSet().isEmpty())
        || rel.getInputs().stream().anyMatch(LogicalRewriter::hasUngrouped);
  }

  /** Calcite numbers rows to decorrelate a limit, in a form of its own that is not planned. */
  private static boolean hasWindow(RelNode rel) {
    return (rel instanceof Project project && project.containsOver())
        || rel.getInputs().stream().anyMatch(LogicalRewriter::hasWindow);
  }

  /** Conditions get below one level of windows with each round. */
  private static RelNode pushedDown(RelNode rel) {
    RelNode pushed = run(PUSH_DOWN, rel);
    RelNode moved = PartitionFilters.apply(pushed);
    return moved.equals(pushed) ? pushed : pushedDown(moved);
  }

  private static RelNode run(HepProgram program, RelNode rel) {
    var planner = new HepPlanner(program);
    planner.setRoot(rel);
    return planner.findBestExp();
  }
}

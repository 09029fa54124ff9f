package dev.sheaf.compute.plan.rule;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Conditions on single relations that follow from the conditions of a join cluster, so that fewer
 * rows reach the joins. They are true whenever the conditions they follow from are: testing both
 * changes no result.
 */
final class ImpliedFilters {
  private ImpliedFilters() {}

  static List<RexNode> of(JoinGraph graph, RexBuilder rex) {
    var implied = new ArrayList<RexNode>();
    acrossEqualities(graph.conditions(), implied);
    fromAlternatives(graph, rex, implied);
    return implied;
  }

  /** With x = y, what holds for x against constants holds for y. */
  private static void acrossEqualities(List<RexNode> conditions, List<RexNode> implied) {
    for (RexNode equality : conditions) {
      if (equality instanceof RexCall call
          && call.getKind() == SqlKind.EQUALS
          && call.getOperands().get(0) instanceof RexInputRef a
          && call.getOperands().get(1) instanceof RexInputRef b
          && a.getType().getSqlTypeName() == b.getType().getSqlTypeName()) {
        for (RexNode condition : conditions) {
          if (columns(condition).cardinality() == 1 && RexUtil.isDeterministic(condition)) {
            replaced(condition, a, b, implied);
            replaced(condition, b, a, implied);
          }
        }
      }
    }
  }

  private static void replaced(
      RexNode condition, RexInputRef from, RexInputRef to, List<RexNode> implied) {
    if (columns(condition).get(from.getIndex())) {
      implied.add(
          condition.accept(
              new RexShuttle() {
                @Override
                public RexNode visitInputRef(RexInputRef ref) {
                  return to;
                }
              }));
    }
  }

  /** From (a1 AND b1) OR (a2 AND b2), where a1 and a2 are about one relation: a1 OR a2. */
  private static void fromAlternatives(JoinGraph graph, RexBuilder rex, List<RexNode> implied) {
    for (RexNode condition : graph.conditions()) {
      if (condition.getKind() != SqlKind.OR || !RexUtil.isDeterministic(condition)) {
        continue;
      }
      for (JoinGraph.Factor factor : graph.factors()) {
        ImmutableBitSet own =
            ImmutableBitSet.range(factor.start(), factor.start() + factor.width());
        if (own.contains(columns(condition))) {
          continue;
        }
        var alternatives = new ArrayList<RexNode>();
        for (RexNode alternative : RelOptUtil.disjunctions(condition)) {
          List<RexNode> parts =
              RelOptUtil.conjunctions(alternative).stream()
                  .filter(part -> isAbout(part, own))
                  .toList();
          if (parts.isEmpty()) {
            break;
          }
          alternatives.add(RexUtil.composeConjunction(rex, parts));
        }
        if (alternatives.size() == RelOptUtil.disjunctions(condition).size()) {
          implied.add(RexUtil.composeDisjunction(rex, alternatives));
        }
      }
    }
  }

  private static boolean isAbout(RexNode condition, ImmutableBitSet columns) {
    ImmutableBitSet used = columns(condition);
    return !used.isEmpty() && columns.contains(used);
  }

  private static ImmutableBitSet columns(RexNode condition) {
    return RelOptUtil.InputFinder.bits(condition);
  }
}

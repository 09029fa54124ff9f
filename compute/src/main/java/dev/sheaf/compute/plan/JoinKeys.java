package dev.sheaf.compute.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/**
 * A join condition split into pairs that must be equal and the rest.
 *
 * @param left over the left input
 * @param right over the right input
 * @param residual over both, null = none
 */
record JoinKeys(
    List<RexNode> left,
    List<RexNode> right,
    List<Boolean> nullsAreEqual,
    @Nullable RexNode residual) {

  static JoinKeys of(RexNode condition, int leftWidth, int rightWidth, RexBuilder rex) {
    var left = new ArrayList<RexNode>();
    var right = new ArrayList<RexNode>();
    var nulls = new ArrayList<Boolean>();
    var rest = new ArrayList<RexNode>();
    ImmutableBitSet leftColumns = ImmutableBitSet.range(leftWidth);
    ImmutableBitSet rightColumns = ImmutableBitSet.range(leftWidth, leftWidth + rightWidth);
    for (RexNode conjunct : RelOptUtil.conjunctions(condition)) {
      RexNode test =
          conjunct instanceof RexCall call
              ? RelOptUtil.collapseExpandedIsNotDistinctFromExpr(call, rex)
              : conjunct;
      boolean equal = test.isA(SqlKind.EQUALS);
      boolean notDistinct = test.isA(SqlKind.IS_NOT_DISTINCT_FROM);
      if ((equal || notDistinct) && RexUtil.isDeterministic(test)) {
        RexNode a = ((RexCall) test).getOperands().get(0);
        RexNode b = ((RexCall) test).getOperands().get(1);
        boolean straight = isOver(a, leftColumns) && isOver(b, rightColumns);
        boolean crossed = isOver(a, rightColumns) && isOver(b, leftColumns);
        boolean alike = a.getType().getSqlTypeName() == b.getType().getSqlTypeName();
        if (alike && (straight || crossed)) {
          left.add(straight ? a : b);
          right.add(RexUtil.shift(straight ? b : a, -leftWidth));
          nulls.add(notDistinct);
          continue;
        }
      }
      if (!test.isAlwaysTrue()) {
        rest.add(test);
      }
    }
    return new JoinKeys(
        left, right, nulls, rest.isEmpty() ? null : RexUtil.composeConjunction(rex, rest));
  }

  private static boolean isOver(RexNode node, ImmutableBitSet columns) {
    ImmutableBitSet used = RelOptUtil.InputFinder.bits(node);
    return !used.isEmpty() && columns.contains(used);
  }
}

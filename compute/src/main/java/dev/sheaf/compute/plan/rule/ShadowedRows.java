package dev.sheaf.compute.plan.rule;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.logical.LogicalCorrelate;
import org.apache.calcite.rel.logical.LogicalJoin;

/**
 * Puts right which query an outer row belongs to. Calcite makes a correlated join of a subquery
 * with the variable that the subquery uses, even where that is the row of a query further out:
 *
 * <pre>
 * SELECT (SELECT (SELECT t.a FROM v) FROM u) FROM t
 *
 * Correlate $0 (t, Correlate $0 (u, v using $0))     $0 would be u's row
 * Correlate $0 (t, Join (u, v using $0))             what is meant
 * </pre>
 *
 * Each clause of each query has a variable of its own, so one is never bound twice on a path.
 */
public final class ShadowedRows {
  private ShadowedRows() {}

  public static RelNode apply(RelNode rel) {
    return apply(rel, Set.of());
  }

  private static RelNode apply(RelNode rel, Set<CorrelationId> bound) {
    if (!(rel instanceof LogicalCorrelate correlate)) {
      return rel.copy(
          rel.getTraitSet(), rel.getInputs().stream().map(i -> apply(i, bound)).toList());
    }
    CorrelationId id = correlate.getCorrelationId();
    RelNode left = apply(correlate.getLeft(), bound);
    if (bound.contains(id)) {
      return LogicalJoin.create(
          left,
          apply(correlate.getRight(), bound),
          List.of(),
          rel.getCluster().getRexBuilder().makeLiteral(true),
          Set.of(),
          correlate.getJoinType());
    }
    var inner = new HashSet<>(bound);
    inner.add(id);
    return correlate.copy(
        correlate.getTraitSet(), List.of(left, apply(correlate.getRight(), inner)));
  }
}

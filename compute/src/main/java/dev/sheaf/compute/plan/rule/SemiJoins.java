package dev.sheaf.compute.plan.rule;

import com.google.common.collect.ImmutableSet;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalSort;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.jspecify.annotations.Nullable;

/**
 * Turns EXISTS, IN and their negations, where they are conjuncts of a filter, into semi- and
 * anti-joins. Correlated predicates of the subquery become part of the join's condition.
 *
 * <p>{@code x NOT IN (q)} over values that can be NULL holds if no y of q equals x, q has no NULL,
 * and x is not NULL unless q is empty: three anti-joins, of which only the first grows with q.
 */
public final class SemiJoins {
  private final RexBuilder rex;

  private SemiJoins(RexBuilder rex) {
    this.rex = rex;
  }

  public static RelNode apply(RelNode rel) {
    return new SemiJoins(rel.getCluster().getRexBuilder()).rewrite(rel);
  }

  private RelNode rewrite(RelNode rel) {
    var inputs = new ArrayList<RelNode>();
    rel.getInputs().forEach(i -> inputs.add(rewrite(i)));
    RelNode node = inputs.equals(rel.getInputs()) ? rel : rel.copy(rel.getTraitSet(), inputs);
    node =
        node.accept(
            new RexShuttle() {
              @Override
              public RexNode visitSubQuery(RexSubQuery query) {
                RexSubQuery inner = (RexSubQuery) super.visitSubQuery(query);
                return inner.clone(rewrite(inner.rel));
              }
            });
    return node instanceof LogicalFilter filter && Correlations.hasSubquery(filter.getCondition())
        ? filter(filter)
        : node;
  }

  private RelNode filter(LogicalFilter filter) {
    var plain = new ArrayList<RexNode>();
    var subqueries = new ArrayList<RexNode>();
    for (RexNode conjunct : RelOptUtil.conjunctions(filter.getCondition())) {
      (Correlations.hasSubquery(conjunct) ? subqueries : plain).add(conjunct);
    }
    RelNode rel = where(filter.getInput(), plain, Set.of());
    var rest = new ArrayList<RexNode>();
    Set<CorrelationId> ids = filter.getVariablesSet();
    for (RexNode conjunct : subqueries) {
      @Nullable RelNode joined = ids.size() > 1 ? null : join(rel, conjunct, ids);
      if (joined == null) {
        rest.add(conjunct);
      } else {
        rel = joined;
      }
    }
    return where(rel, rest, ids);
  }

  private RelNode where(RelNode rel, List<RexNode> conjuncts, Set<CorrelationId> ids) {
    return conjuncts.isEmpty()
        ? rel
        : LogicalFilter.create(
            rel, RexUtil.composeConjunction(rex, conjuncts), ImmutableSet.copyOf(ids));
  }

  private @Nullable RelNode join(RelNode left, RexNode conjunct, Set<CorrelationId> ids) {
    boolean negated = conjunct.isA(SqlKind.NOT);
    RexNode test = negated ? ((RexCall) conjunct).getOperands().getFirst() : conjunct;
    if (!(test instanceof RexSubQuery query)) {
      return null;
    }
    JoinRelType type = negated ? JoinRelType.ANTI : JoinRelType.SEMI;
    @Nullable CorrelationId id = ids.isEmpty() ? null : ids.iterator().next();
    return switch (query.getKind()) {
      case EXISTS -> exists(left, query, id, type);
      case IN -> in(left, query, id, type);
      default -> null;
    };
  }

  private @Nullable RelNode exists(
      RelNode left, RexSubQuery query, @Nullable CorrelationId id, JoinRelType type) {
    RelNode right = query.rel;
    while (right instanceof LogicalProject project) {
      right = project.getInput();
    }
    @Nullable PulledUp free = free(right, id);
    return free == null ? null : semi(left, free, List.of(), id, type);
  }

  private @Nullable RelNode in(
      RelNode left, RexSubQuery query, @Nullable CorrelationId id, JoinRelType type) {
    if (query.getOperands().stream().anyMatch(Correlations::hasSubquery)) {
      return null;
    }
    @Nullable PulledUp free = free(query.rel, id);
    if (free == null) {
      return null;
    }
    int width = left.getRowType().getFieldCount();
    var equalities = new ArrayList<RexNode>();
    boolean nullable = false;
    for (int i = 0; i < query.getOperands().size(); i++) {
      RexNode operand = query.getOperands().get(i);
      RexInputRef column = column(free.rel(), i, width);
      nullable |= operand.getType().isNullable() || column.getType().isNullable();
      equalities.add(rex.makeCall(SqlStdOperatorTable.EQUALS, operand, column));
    }
    if (type == JoinRelType.SEMI || !nullable) {
      return semi(left, free, equalities, id, type);
    }
    if (free.conditions().isEmpty() && equalities.size() == 1) {
      return notIn(left, free.rel(), query.getOperands().getFirst(), equalities.getFirst());
    }
    RexNode unlessFalse =
        rex.makeCall(SqlStdOperatorTable.IS_NOT_FALSE, RexUtil.composeConjunction(rex, equalities));
    return semi(left, free, List.of(unlessFalse), id, type);
  }

  private RelNode notIn(RelNode left, RelNode right, RexNode operand, RexNode equality) {
    RelNode rel = anti(left, right, equality);
    RexNode y = column(right, 0, 0);
    if (y.getType().isNullable()) {
      RelNode nulls = LogicalFilter.create(right, rex.makeCall(SqlStdOperatorTable.IS_NULL, y));
      rel = anti(rel, oneRow(nulls), rex.makeLiteral(true));
    }
    if (operand.getType().isNullable()) {
      rel = anti(rel, oneRow(right), rex.makeCall(SqlStdOperatorTable.IS_NULL, operand));
    }
    return rel;
  }

  private RelNode oneRow(RelNode rel) {
    return LogicalSort.create(rel, RelCollations.EMPTY, null, rex.makeExactLiteral(BigDecimal.ONE));
  }

  private static RelNode anti(RelNode left, RelNode right, RexNode condition) {
    return LogicalJoin.create(left, right, List.of(), condition, Set.of(), JoinRelType.ANTI);
  }

  private static RexInputRef column(RelNode rel, int index, int offset) {
    return new RexInputRef(index + offset, rel.getRowType().getFieldList().get(index).getType());
  }

  /** The subquery without the filter's correlation; null if that cannot be had. */
  private static @Nullable PulledUp free(RelNode rel, @Nullable CorrelationId id) {
    return id == null ? new PulledUp(rel, List.of()) : PulledUp.from(rel, id);
  }

  private @Nullable RelNode semi(
      RelNode left,
      PulledUp right,
      List<RexNode> conditions,
      @Nullable CorrelationId id,
      JoinRelType type) {
    int width = left.getRowType().getFieldCount();
    var all = new ArrayList<>(conditions);
    for (RexNode condition : right.conditions()) {
      RexNode shifted = RexUtil.shift(condition, width);
      all.add(id == null ? shifted : Correlations.decorrelated(shifted, id));
    }
    RexNode condition = RexUtil.composeConjunction(rex, all);
    // A join cannot be correlated further out: the general way handles that.
    if (!Correlations.in(condition).isEmpty()) {
      return null;
    }
    return LogicalJoin.create(left, right.rel(), List.of(), condition, Set.of(), type);
  }
}

package dev.sheaf.compute.plan.rule;

import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.sql.TableStatistics.ColumnStatistics;
import dev.sheaf.compute.sql.analyze.ConstantOperator;
import dev.sheaf.compute.sql.analyze.FnOperator;
import dev.sheaf.compute.sql.analyze.GroupingSetsRel;
import dev.sheaf.compute.sql.analyze.RecursiveRel;
import dev.sheaf.compute.sql.analyze.RowsRel;
import dev.sheaf.compute.sql.analyze.TableRel;
import dev.sheaf.compute.sql.analyze.WindowRel;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.type.SqlType;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Correlate;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Intersect;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.Minus;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rel.core.Values;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/**
 * Guesses row counts and numbers of distinct values, from statistics where there are any and from
 * the textbook's fractions elsewhere. Remembers what it has seen; used for one statement.
 */
public final class Estimator {
  private static final double EQUALITY = 0.05;
  private static final double RANGE = 0.3;
  private static final double LIKE = 0.1;
  private static final double OTHER = 0.25;
  private static final int SHORT_TEXT = 25;

  private final Map<RelNode, Double> rows = new IdentityHashMap<>();

  /** Estimated rows, at least 1. */
  public double rows(RelNode rel) {
    @Nullable Double known = rows.get(rel);
    if (known == null) {
      known = Math.max(1, compute(rel));
      rows.put(rel, known);
    }
    return known;
  }

  private double compute(RelNode rel) {
    return switch (rel) {
      case TableRel table -> table.statistics().rowCount();
      case RowsRel values -> values.rows().size();
      case Values values -> values.getTuples().size();
      case Filter filter ->
          rows(filter.getInput()) * selectivity(filter.getCondition(), filter.getInput());
      case Project project -> rows(project.getInput());
      case WindowRel window -> rows(window.getInput());
      case Aggregate aggregate -> groups(aggregate.getInput(), aggregate.getGroupSet());
      case GroupingSetsRel sets ->
          sets.sets().stream().mapToDouble(set -> groups(sets.getInput(), set)).sum();
      case Sort sort -> limited(sort);
      case Join join -> joined(join);
      case Correlate correlate -> rows(correlate.getLeft());
      // As PostgreSQL guesses: ten steps, each with as many rows.
      case RecursiveRel recursive -> 10 * rows(recursive.getLeft());
      case Intersect set -> rows(set.getInput(0)) / 2;
      case Minus set -> rows(set.getInput(0)) / 2;
      case SetOp union -> union.getInputs().stream().mapToDouble(this::rows).sum();
      default -> 1000;
    };
  }

  private double limited(Sort sort) {
    double input = rows(sort.getInput());
    return sort.fetch instanceof RexLiteral fetch
        ? Math.min(input, RexLiteral.bigDecimalValue(fetch).doubleValue())
        : input;
  }

  private double groups(RelNode input, ImmutableBitSet keys) {
    double groups = 1;
    for (int column : keys) {
      groups *= distinct(input, column);
    }
    return Math.min(rows(input), groups);
  }

  private double joined(Join join) {
    double left = rows(join.getLeft());
    double right = rows(join.getRight());
    double matches = left * right;
    int width = join.getLeft().getRowType().getFieldCount();
    double share = 1;
    for (RexNode conjunct : RelOptUtil.conjunctions(join.getCondition())) {
      share *= joinSelectivity(conjunct, join, width);
    }
    // Several equalities together select no more than a key of the smaller side does.
    matches *= Math.max(share, 1 / Math.max(left, right) * Math.min(1, share * left * right));
    return switch (join.getJoinType()) {
      case INNER, ASOF, LEFT_ASOF -> matches;
      case LEFT -> Math.max(left, matches);
      case RIGHT -> Math.max(right, matches);
      case FULL -> Math.max(left + right, matches);
      case SEMI -> Math.min(left, Math.max(1, Math.min(left * 0.5, matches)));
      case ANTI -> Math.max(1, left * 0.5);
      case LEFT_MARK -> left;
    };
  }

  private double joinSelectivity(RexNode conjunct, Join join, int width) {
    if (conjunct instanceof RexCall call
        && call.getKind() == org.apache.calcite.sql.SqlKind.EQUALS
        && call.getOperands().get(0) instanceof RexInputRef a
        && call.getOperands().get(1) instanceof RexInputRef b) {
      return 1
          / Math.max(
              distinctOfJoin(join, a.getIndex(), width), distinctOfJoin(join, b.getIndex(), width));
    }
    return conjunct.isAlwaysTrue() ? 1 : RANGE;
  }

  private double distinctOfJoin(Join join, int column, int width) {
    return column < width
        ? distinct(join.getLeft(), column)
        : distinct(join.getRight(), column - width);
  }

  /** Estimated number of distinct values in a column, at least 1 and at most the rows. */
  public double distinct(RelNode rel, int column) {
    double limit = rows(rel);
    double value =
        switch (rel) {
          case TableRel table -> distinctInTable(table, column);
          case Filter filter -> distinct(filter.getInput(), column);
          case Sort sort -> distinct(sort.getInput(), column);
          case Project project -> {
            RexNode source = project.getProjects().get(column);
            yield source instanceof RexInputRef ref
                ? distinct(project.getInput(), ref.getIndex())
                : ConstantOperator.in(source) != null ? 1 : limit / 3;
          }
          case WindowRel window ->
              column < window.getInput().getRowType().getFieldCount()
                  ? distinct(window.getInput(), column)
                  : limit;
          case Aggregate aggregate ->
              aggregate.getGroupCount() == 1 && column == 0
                  ? limit
                  : column < aggregate.getGroupCount()
                      ? distinct(aggregate.getInput(), aggregate.getGroupSet().nth(column))
                      : limit;
          case Join join ->
              distinctOfJoin(join, column, join.getLeft().getRowType().getFieldCount());
          default -> limit / 3;
        };
    return Math.clamp(value, 1, limit);
  }

  private static double distinctInTable(TableRel rel, int column) {
    double count = Math.max(1, rel.statistics().rowCount());
    if (column >= rel.table().columns().size()) {
      return count;
    }
    ColumnDescriptor descriptor = rel.table().columns().get(column);
    Optional<ColumnStatistics> known = rel.statistics().column(descriptor.id());
    if (known.isPresent() && known.get().distinct() > 0) {
      return known.get().distinct();
    }
    List<Integer> key = rel.table().primaryKey();
    if (key.size() == 1 && key.getFirst() == descriptor.id()) {
      return count;
    }
    double fromRange = known.map(Estimator::span).orElse(Double.MAX_VALUE);
    boolean isInteger =
        switch (descriptor.type().kind()) {
          case SMALLINT, INTEGER, BIGINT -> true;
          default -> false;
        };
    // Keys and references are mostly dense.
    return isInteger && fromRange < Double.MAX_VALUE
        ? Math.min(fromRange, count)
        : Math.min(fromRange, guess(descriptor.type(), count, key.contains(descriptor.id())));
  }

  /** Short texts are mostly categories, integers mostly references. */
  private static double guess(SqlType type, double count, boolean inKey) {
    return switch (type.kind()) {
      case BOOLEAN -> 2;
      case SMALLINT -> 100;
      case INTEGER, BIGINT, UUID -> Math.max(10, Math.pow(count, inKey ? 0.8 : 0.75));
      case DATE -> 2_000;
      case CHAR, VARCHAR ->
          type.precision() > 0 && type.precision() <= SHORT_TEXT
              ? 20
              : Math.max(10, Math.pow(count, 0.75));
      default -> Math.max(10, Math.pow(count, 0.6));
    };
  }

  /** Integers between minimum and maximum. */
  private static double span(ColumnStatistics statistics) {
    if (statistics.min() instanceof Number min
        && statistics.max() instanceof Number max
        && !(min instanceof Double)) {
      return max.doubleValue() - min.doubleValue() + 1;
    }
    return Double.MAX_VALUE;
  }

  /** The share of the input's rows that pass. */
  double selectivity(RexNode condition, RelNode input) {
    double share = 1;
    var ranges = new ValueRanges(input);
    for (RexNode conjunct : RelOptUtil.conjunctions(condition)) {
      if (!ranges.add(conjunct)) {
        share *= conjunctSelectivity(conjunct, input);
      }
    }
    return Math.clamp(share * ranges.share(), 1e-9, 1);
  }

  private double conjunctSelectivity(RexNode node, RelNode input) {
    if (!(node instanceof RexCall call)) {
      return node.isAlwaysTrue() ? 1 : node.isAlwaysFalse() ? 0 : 0.5;
    }
    return switch (call.getKind()) {
      case EQUALS -> {
        for (RexNode operand : call.getOperands()) {
          if (operand instanceof RexInputRef ref) {
            yield 1 / distinct(input, ref.getIndex());
          }
        }
        yield EQUALITY;
      }
      case LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL -> RANGE;
      case NOT_EQUALS, IS_NOT_NULL -> 0.9;
      case IS_NULL -> EQUALITY;
      case NOT -> 1 - conjunctSelectivity(call.getOperands().getFirst(), input);
      case AND -> selectivity(call, input);
      case OR -> {
        double none = 1;
        for (RexNode operand : call.getOperands()) {
          none *= 1 - selectivity(operand, input);
        }
        yield 1 - none;
      }
      case OTHER_FUNCTION -> functionSelectivity(call, input);
      default -> OTHER;
    };
  }

  private double functionSelectivity(RexCall call, RelNode input) {
    if (!(call.getOperator() instanceof FnOperator operator)) {
      return OTHER;
    }
    if (operator.fn() == Fn.IN) {
      double each =
          call.getOperands().getFirst() instanceof RexInputRef ref
              ? 1 / distinct(input, ref.getIndex())
              : EQUALITY;
      return Math.min(1, each * (call.getOperands().size() - 1));
    }
    return operator.fn() == Fn.LIKE || operator.fn() == Fn.ILIKE ? LIKE : OTHER;
  }
}

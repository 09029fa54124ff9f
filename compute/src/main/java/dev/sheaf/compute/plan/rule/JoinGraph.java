package dev.sheaf.compute.plan.rule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * A cluster of inner joins taken apart: factors side by side, and the conditions over all their
 * columns. A semi- or anti-join whose condition needs one factor only becomes part of that factor.
 */
final class JoinGraph {
  /** A relation that is joined, and where its columns begin among all. */
  static final class Factor {
    private RelNode rel;
    private final int start;
    private final int width;

    Factor(RelNode rel, int start) {
      this.rel = rel;
      this.start = start;
      this.width = rel.getRowType().getFieldCount();
    }

    RelNode rel() {
      return rel;
    }

    int start() {
      return start;
    }

    int width() {
      return width;
    }
  }

  private final List<Factor> factors = new ArrayList<>();
  private final List<RexNode> conditions = new ArrayList<>();
  private int columns;

  private JoinGraph() {}

  /** Takes the tree apart; its output columns in terms of the factors' go to {@code outputs}. */
  static JoinGraph of(RelNode root, List<RexNode> outputs) {
    var graph = new JoinGraph();
    outputs.addAll(graph.flatten(root));
    return graph;
  }

  /** Whether taking the node apart may give several factors. */
  static boolean isCluster(RelNode rel) {
    return isInner(rel)
        || (rel instanceof LogicalJoin join && isSemi(join) && isCluster(join.getLeft()));
  }

  /** Whether the node is part of a cluster rather than a factor. */
  static boolean isInner(RelNode rel) {
    return switch (rel) {
      case LogicalJoin join ->
          join.getJoinType() == JoinRelType.INNER && join.getVariablesSet().isEmpty();
      case LogicalFilter filter ->
          filter.getVariablesSet().isEmpty()
              && RexUtil.isDeterministic(filter.getCondition())
              && isInner(filter.getInput());
      case LogicalProject project ->
          project.getProjects().stream().allMatch(RexInputRef.class::isInstance)
              && isInner(project.getInput());
      default -> false;
    };
  }

  List<Factor> factors() {
    return factors;
  }

  List<RexNode> conditions() {
    return conditions;
  }

  private List<RexNode> flatten(RelNode rel) {
    if (rel instanceof LogicalJoin join && isSemi(join) && isCluster(join.getLeft())) {
      return semi(join);
    }
    if (!isInner(rel)) {
      return factor(rel);
    }
    return switch (rel) {
      case LogicalJoin join -> {
        var both = new ArrayList<>(flatten(join.getLeft()));
        both.addAll(flatten(join.getRight()));
        addConditions(join.getCondition(), both);
        yield both;
      }
      case LogicalFilter filter -> {
        List<RexNode> input = flatten(filter.getInput());
        addConditions(filter.getCondition(), input);
        yield input;
      }
      case LogicalProject project -> {
        List<RexNode> input = flatten(project.getInput());
        yield project.getProjects().stream()
            .map(e -> input.get(((RexInputRef) e).getIndex()))
            .toList();
      }
      default -> throw new IllegalStateException("no part of a join cluster: " + rel);
    };
  }

  private static boolean isSemi(LogicalJoin join) {
    return join.getJoinType() == JoinRelType.SEMI || join.getJoinType() == JoinRelType.ANTI;
  }

  private List<RexNode> factor(RelNode rel) {
    factors.add(new Factor(rel, columns));
    var refs = new ArrayList<RexNode>();
    for (RelDataTypeField field : rel.getRowType().getFieldList()) {
      refs.add(new RexInputRef(columns++, field.getType()));
    }
    return refs;
  }

  /** Hangs the semi-join on the one factor it tests, if it is one. */
  private List<RexNode> semi(LogicalJoin join) {
    int width = join.getLeft().getRowType().getFieldCount();
    ImmutableBitSet used = RelOptUtil.InputFinder.bits(join.getCondition());
    int factorsBefore = factors.size();
    int conditionsBefore = conditions.size();
    int columnsBefore = columns;
    List<RexNode> left = flatten(join.getLeft());
    Set<Factor> tested = new HashSet<>();
    used.asList().stream()
        .filter(i -> i < width)
        .forEach(i -> tested.add(factorOf(((RexInputRef) left.get(i)).getIndex())));
    if (tested.size() != 1) {
      factors.subList(factorsBefore, factors.size()).clear();
      conditions.subList(conditionsBefore, conditions.size()).clear();
      columns = columnsBefore;
      return factor(join);
    }
    Factor factor = tested.iterator().next();
    RexNode condition =
        join.getCondition()
            .accept(
                new RexShuttle() {
                  @Override
                  public RexNode visitInputRef(RexInputRef ref) {
                    int index =
                        ref.getIndex() < width
                            ? ((RexInputRef) left.get(ref.getIndex())).getIndex() - factor.start
                            : ref.getIndex() - width + factor.width;
                    return new RexInputRef(index, ref.getType());
                  }
                });
    factor.rel =
        LogicalJoin.create(
            factor.rel, join.getRight(), List.of(), condition, Set.of(), join.getJoinType());
    return left;
  }

  private Factor factorOf(int column) {
    return factors.stream()
        .filter(f -> column >= f.start && column < f.start + f.width)
        .findFirst()
        .orElseThrow();
  }

  private void addConditions(RexNode condition, List<RexNode> input) {
    for (RexNode conjunct : RelOptUtil.conjunctions(condition)) {
      if (!conjunct.isAlwaysTrue()) {
        conditions.add(
            conjunct.accept(
                new RexShuttle() {
                  @Override
                  public RexNode visitInputRef(RexInputRef ref) {
                    return input.get(ref.getIndex());
                  }
                }));
      }
    }
  }
}

package dev.sheaf.compute.plan.rule;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
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
 * Chooses the order of inner joins: dynamic programming over connected subsets (Moerkotte and
 * Neumann's cost, the sum of intermediate results) for up to ten relations, else greedily the
 * smallest result next. Cross products only where nothing connects. The side with fewer rows goes
 * right, where the hash table is built.
 */
public final class JoinOrder {
  private static final int MAX_EXHAUSTIVE = 10;

  private final Estimator estimator;

  private JoinOrder(Estimator estimator) {
    this.estimator = estimator;
  }

  public static RelNode apply(RelNode rel, Estimator estimator) {
    return new JoinOrder(estimator).rewrite(rel);
  }

  private RelNode rewrite(RelNode rel) {
    return JoinGraph.isCluster(rel) ? order(rel) : descend(rel);
  }

  private RelNode descend(RelNode rel) {
    var inputs = new ArrayList<RelNode>();
    rel.getInputs().forEach(i -> inputs.add(rewrite(i)));
    return inputs.equals(rel.getInputs()) ? rel : rel.copy(rel.getTraitSet(), inputs);
  }

  private RelNode order(RelNode root) {
    var outputs = new ArrayList<RexNode>();
    JoinGraph graph = JoinGraph.of(root, outputs);
    if (graph.factors().size() == 1) {
      return descend(root);
    }
    var search = new Search(root.getCluster().getRexBuilder(), graph);
    Partial best = search.run();
    RelNode rel = search.filtered(best);
    var columns = new ArrayList<RexNode>();
    for (RexNode output : outputs) {
      int at = best.columns.indexOf(((RexInputRef) output).getIndex());
      columns.add(new RexInputRef(at, rel.getRowType().getFieldList().get(at).getType()));
    }
    return LogicalProject.create(
        rel, List.of(), columns, root.getRowType().getFieldNames(), Set.of());
  }

  /**
   * A joined subset of the factors.
   *
   * @param columns which of all columns each column of {@code rel} is
   * @param cost sum of the rows of all intermediate results
   */
  private record Partial(BitSet factors, RelNode rel, List<Integer> columns, double cost) {}

  /** A condition and the factors it needs. */
  private record Edge(RexNode condition, BitSet factors) {}

  /** One cluster's search. */
  private final class Search {
    private final RexBuilder rex;
    private final JoinGraph graph;
    private final List<Edge> edges = new ArrayList<>();

    Search(RexBuilder rex, JoinGraph graph) {
      this.rex = rex;
      this.graph = graph;
      Set<RexNode> all = new LinkedHashSet<>(graph.conditions());
      all.addAll(ImpliedFilters.of(graph, rex));
      for (RexNode condition : all) {
        edges.add(new Edge(condition, factorsOf(condition)));
      }
    }

    Partial run() {
      var leaves = new ArrayList<Partial>();
      for (int i = 0; i < graph.factors().size(); i++) {
        leaves.add(leaf(i));
      }
      return leaves.size() <= MAX_EXHAUSTIVE ? exhaustive(leaves) : greedy(leaves);
    }

    /** Conditions that need no factor at all stay on top. */
    RelNode filtered(Partial best) {
      List<RexNode> constant =
          edges.stream().filter(e -> e.factors.isEmpty()).map(Edge::condition).toList();
      return constant.isEmpty()
          ? best.rel
          : LogicalFilter.create(best.rel, RexUtil.composeConjunction(rex, constant));
    }

    private BitSet factorsOf(RexNode condition) {
      var needed = new BitSet();
      for (int column : RelOptUtil.InputFinder.bits(condition)) {
        for (int f = 0; f < graph.factors().size(); f++) {
          JoinGraph.Factor factor = graph.factors().get(f);
          if (column >= factor.start() && column < factor.start() + factor.width()) {
            needed.set(f);
          }
        }
      }
      return needed;
    }

    private Partial leaf(int index) {
      JoinGraph.Factor factor = graph.factors().get(index);
      var columns = new ArrayList<Integer>();
      for (int c = 0; c < factor.width(); c++) {
        columns.add(factor.start() + c);
      }
      var own = new BitSet();
      own.set(index);
      RelNode rel = descendInto(factor.rel());
      List<RexNode> filters =
          edges.stream()
              .filter(e -> e.factors.equals(own))
              .map(e -> onto(e.condition, columns, rel))
              .toList();
      RelNode filtered =
          filters.isEmpty()
              ? rel
              : LogicalFilter.create(rel, RexUtil.composeConjunction(rex, filters));
      return new Partial(own, filtered, columns, 0);
    }

    private RelNode descendInto(RelNode rel) {
      // A semi-join hung on a factor has that factor on its left: never a cluster again.
      return descend(rel);
    }

    private Partial exhaustive(List<Partial> leaves) {
      int all = (1 << leaves.size()) - 1;
      @Nullable Partial[] best = new @Nullable Partial[all + 1];
      for (int i = 0; i < leaves.size(); i++) {
        best[1 << i] = leaves.get(i);
      }
      for (int set = 1; set <= all; set++) {
        if (Integer.bitCount(set) < 2) {
          continue;
        }
        for (boolean connected : new boolean[] {true, false}) {
          for (int part = (set - 1) & set; best[set] == null || part > 0; part = (part - 1) & set) {
            if (part == 0) {
              break;
            }
            consider(best, set, part, connected);
          }
          if (best[set] != null) {
            break;
          }
        }
      }
      return Objects.requireNonNull(best[all]);
    }

    private void consider(@Nullable Partial[] best, int set, int part, boolean connected) {
      @Nullable Partial a = best[part];
      @Nullable Partial b = best[set ^ part];
      if (a == null || b == null || part > (set ^ part) || isConnected(a, b) != connected) {
        return;
      }
      Partial joined = join(a, b);
      @Nullable Partial known = best[set];
      if (known == null || joined.cost < known.cost) {
        best[set] = joined;
      }
    }

    private Partial greedy(List<Partial> leaves) {
      var open = new ArrayList<>(leaves);
      while (open.size() > 1) {
        @Nullable Partial best = null;
        @Nullable Partial left = null;
        @Nullable Partial right = null;
        boolean bestConnected = false;
        for (int i = 0; i < open.size(); i++) {
          for (int j = i + 1; j < open.size(); j++) {
            boolean connected = isConnected(open.get(i), open.get(j));
            if (bestConnected && !connected) {
              continue;
            }
            if (!connected && best != null) {
              continue;
            }
            Partial joined = join(open.get(i), open.get(j));
            if (best == null
                || (connected && !bestConnected)
                || estimator.rows(joined.rel) < estimator.rows(best.rel)) {
              best = joined;
              left = open.get(i);
              right = open.get(j);
              bestConnected = connected;
            }
          }
        }
        open.remove(left);
        open.remove(right);
        open.add(Objects.requireNonNull(best));
      }
      return open.getFirst();
    }

    private boolean isConnected(Partial a, Partial b) {
      return edges.stream()
          .anyMatch(e -> e.factors.intersects(a.factors) && e.factors.intersects(b.factors));
    }

    private Partial join(Partial a, Partial b) {
      boolean swap = estimator.rows(a.rel) < estimator.rows(b.rel);
      Partial left = swap ? b : a;
      Partial right = swap ? a : b;
      var factors = (BitSet) left.factors.clone();
      factors.or(right.factors);
      var columns = new ArrayList<>(left.columns);
      columns.addAll(right.columns);
      RelNode cross =
          LogicalJoin.create(
              left.rel, right.rel, List.of(), rex.makeLiteral(true), Set.of(), JoinRelType.INNER);
      var conditions = new ArrayList<RexNode>();
      for (Edge edge : edges) {
        boolean here =
            edge.factors.intersects(left.factors)
                && edge.factors.intersects(right.factors)
                && isSubset(edge.factors, factors);
        if (here) {
          conditions.add(onto(edge.condition, columns, cross));
        }
      }
      RelNode rel =
          LogicalJoin.create(
              left.rel,
              right.rel,
              List.of(),
              RexUtil.composeConjunction(rex, conditions),
              Set.of(),
              JoinRelType.INNER);
      return new Partial(factors, rel, columns, a.cost + b.cost + estimator.rows(rel));
    }

    private static boolean isSubset(BitSet part, BitSet whole) {
      var rest = (BitSet) part.clone();
      rest.andNot(whole);
      return rest.isEmpty();
    }

    /** A condition over all columns as one over a relation that has some of them. */
    private static RexNode onto(RexNode condition, List<Integer> columns, RelNode rel) {
      return condition.accept(
          new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef ref) {
              int at = columns.indexOf(ref.getIndex());
              return new RexInputRef(at, rel.getRowType().getFieldList().get(at).getType());
            }
          });
    }
  }
}

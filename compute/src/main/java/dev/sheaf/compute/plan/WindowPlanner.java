package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.compute.plan.PlanNode.PartitionLimit;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.sql.analyze.CalciteTypes;
import dev.sheaf.compute.sql.analyze.WindowRel;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * Plans windows: one node for each sort, windows that one sort serves share it. A condition on a
 * row's number or rank lets the node on top leave out rows early.
 */
final class WindowPlanner {
  private final ExprTranslator translator;

  WindowPlanner(ExprTranslator translator) {
    this.translator = translator;
  }

  /**
   * A window to be planned.
   *
   * @param first output column of its first call
   */
  private record Pending(
      WindowRel.Group group, SharedSort sort, List<WindowCall> calls, int first) {
    int partitionKeys() {
      return group.partition().cardinality();
    }

    WindowCalls over() {
      return new WindowCalls(partitionKeys(), sort.keys() - partitionKeys(), calls);
    }
  }

  /** A sort and the windows that it serves. */
  private record Sorted(SharedSort sort, List<Pending> windows) {}

  /** What a condition bounds: a call's output column and by how much. */
  private record Bounded(int column, Expr count) {}

  /**
   * @param condition on the output, which is tested by a node above in any case; null = none
   */
  PlanNode plan(WindowRel rel, PlanNode input, @Nullable Expr condition) {
    List<Field> output = PhysicalPlanner.fields(rel);
    List<Sorted> sorts = sorts(rel, input.output().size());
    @Nullable PartitionLimit limit = null;
    if (condition != null) {
      for (Bounded bounded : bounds(condition)) {
        for (int i = 0; i < sorts.size() && limit == null; i++) {
          limit = limit(sorts.get(i), bounded);
          if (limit != null) {
            sorts.add(sorts.remove(i));
          }
        }
      }
    }
    PlanNode node = input;
    int[] positions = new int[output.size()];
    for (int i = 0; i < input.output().size(); i++) {
      positions[i] = i;
    }
    for (int i = 0; i < sorts.size(); i++) {
      node = sorted(sorts.get(i), node, i == sorts.size() - 1 ? limit : null, output, positions);
    }
    return inOrder(node, positions, output);
  }

  /** The node of one sort; notes where the columns of its calls are. */
  private static PlanNode sorted(
      Sorted sort,
      PlanNode input,
      @Nullable PartitionLimit limit,
      List<Field> output,
      int[] positions) {
    var fields = new ArrayList<>(input.output());
    for (Pending window : sort.windows) {
      for (int c = 0; c < window.calls.size(); c++) {
        positions[window.first + c] = fields.size();
        fields.add(output.get(window.first + c));
      }
    }
    return new PlanNode.Window(
        input,
        sort.sort.sortKeys(),
        sort.windows.stream().map(Pending::over).toList(),
        limit,
        fields);
  }

  private static PlanNode inOrder(PlanNode node, int[] positions, List<Field> output) {
    var columns = new ArrayList<Expr>();
    boolean moved = false;
    for (int i = 0; i < positions.length; i++) {
      columns.add(new Expr.Column(positions[i], output.get(i).type()));
      moved |= positions[i] != i;
    }
    return moved ? new PlanNode.Project(node, columns, output) : node;
  }

  private List<Sorted> sorts(WindowRel rel, int inputColumns) {
    var pending = new ArrayList<Pending>();
    int first = inputColumns;
    for (WindowRel.Group group : rel.groups()) {
      var partition = new BitSet();
      group.partition().forEach(partition::set);
      List<SortKey> order = group.order().stream().map(WindowPlanner::key).toList();
      List<WindowCall> calls = group.calls().stream().map(this::call).toList();
      pending.add(new Pending(group, SharedSort.of(partition, order), calls, first));
      first += calls.size();
    }
    // The longest first: what is short fits into most.
    pending.sort(Comparator.comparingInt((Pending p) -> p.sort.keys()).reversed());
    var sorts = new ArrayList<Sorted>();
    for (Pending window : pending) {
      int i = 0;
      @Nullable SharedSort shared = null;
      while (i < sorts.size() && shared == null) {
        shared = sorts.get(i++).sort.with(window.sort);
      }
      if (shared == null) {
        sorts.add(new Sorted(window.sort, List.of(window)));
      } else {
        var windows = new ArrayList<>(sorts.get(i - 1).windows);
        windows.add(window);
        sorts.set(i - 1, new Sorted(shared, windows));
      }
    }
    return sorts;
  }

  static SortKey key(RelFieldCollation key) {
    return new SortKey(
        key.getFieldIndex(),
        key.direction.isDescending(),
        key.nullDirection == RelFieldCollation.NullDirection.FIRST);
  }

  private WindowCall call(WindowRel.Call call) {
    SqlType type = CalciteTypes.of(call.type());
    return switch (call) {
      case WindowRel.AggregateOver a ->
          new PlanNode.AggregateOver(
              AggregatePlanner.call(a.operator(), a.arguments(), false, a.filter(), type),
              frame(a.frame()));
      case WindowRel.FunctionOver f ->
          new PlanNode.FunctionOver(f.fn(), f.arguments(), frame(f.frame()), type);
    };
  }

  private WindowFrame frame(WindowRel.Frame frame) {
    RelFieldCollation key = frame.rangeKey();
    return new WindowFrame(
        frame.shape(), offset(frame.start()), offset(frame.end()), key == null ? null : key(key));
  }

  private @Nullable Expr offset(@Nullable RexNode offset) {
    return offset == null ? null : translator.translate(offset);
  }

  /** Columns that the condition requires to be no greater than something. */
  private static List<Bounded> bounds(Expr condition) {
    var found = new ArrayList<Bounded>();
    for (Expr conjunct : Exprs.conjuncts(condition)) {
      if (conjunct instanceof Expr.Call call && call.args().size() == 2) {
        Expr left = call.args().get(0);
        Expr right = call.args().get(1);
        boolean above = call.fn() == Fn.LT || call.fn() == Fn.LE || call.fn() == Fn.EQ;
        boolean below = call.fn() == Fn.GT || call.fn() == Fn.GE || call.fn() == Fn.EQ;
        if (above && left instanceof Expr.Column column && Exprs.isConstant(right)) {
          found.add(new Bounded(column.index(), right));
        } else if (below && right instanceof Expr.Column column && Exprs.isConstant(left)) {
          found.add(new Bounded(column.index(), left));
        }
      }
    }
    return found;
  }

  /** The limit that a bound on one of the sort's calls allows, null if none. */
  private static @Nullable PartitionLimit limit(Sorted sort, Bounded bounded) {
    if (sort.windows.size() != 1) {
      return null;
    }
    Pending window = sort.windows.getFirst();
    int index = bounded.column - window.first;
    if (index < 0
        || index >= window.calls.size()
        || !(window.calls.get(index) instanceof PlanNode.FunctionOver numbering)) {
      return null;
    }
    boolean withTies = numbering.fn() == WindowFn.RANK;
    return (withTies || numbering.fn() == WindowFn.ROW_NUMBER)
            && window.calls.stream().allMatch(c -> isFixed(c, withTies))
        ? new PartitionLimit(bounded.count, withTies)
        : null;
  }

  /**
   * Whether the call's value for a partition's first rows is the same without the other rows.
   *
   * @param withTies the first rows are whole groups of peers
   */
  private static boolean isFixed(WindowCall call, boolean withTies) {
    return switch (call) {
      case PlanNode.AggregateOver a -> looksBack(a.frame().shape(), withTies);
      case PlanNode.FunctionOver f ->
          switch (f.fn()) {
            case ROW_NUMBER, RANK, DENSE_RANK -> true;
            // With an offset, which may be negative, LAG may look ahead.
            case LAG -> f.arguments().size() == 1;
            case FIRST_VALUE, LAST_VALUE, NTH_VALUE -> looksBack(f.frame().shape(), withTies);
            case PERCENT_RANK, CUME_DIST, NTILE, LEAD -> false;
          };
    };
  }

  private static boolean looksBack(FrameShape shape, boolean withTies) {
    return switch (shape.end()) {
      case UNBOUNDED_PRECEDING, PRECEDING -> true;
      case CURRENT_ROW -> withTies || shape.unit() == FrameShape.Unit.ROWS;
      case FOLLOWING, UNBOUNDED_FOLLOWING -> false;
    };
  }
}

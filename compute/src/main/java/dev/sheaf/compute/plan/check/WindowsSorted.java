package dev.sheaf.compute.plan.check;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of each window are among the sort's, columns that functions read exist, frames have the
 * offsets that their edges need, and only a window alone leaves out rows.
 */
final class WindowsSorted implements PlanCheck {
  @Override
  public void check(PlanNode node, Consumer<String> violations) {
    if (!(node instanceof PlanNode.Window window)) {
      return;
    }
    int columns = window.input().output().size();
    List<Integer> sorted = window.sort().stream().map(SortKey::column).toList();
    if (sorted.stream().anyMatch(c -> c < 0 || c >= columns)
        || sorted.stream().distinct().count() < sorted.size()) {
      violations.accept("sort by " + window.sort());
    }
    if (window.windows().isEmpty() || (window.limit() != null && window.windows().size() > 1)) {
      violations.accept(window.windows().size() + " windows with limit " + window.limit());
    }
    for (WindowCalls calls : window.windows()) {
      if (calls.partitionKeys() + calls.orderKeys() > window.sort().size()) {
        violations.accept("window of more keys than " + window.sort());
      }
      calls.calls().forEach(c -> check(c, columns, violations));
    }
  }

  private static void check(WindowCall call, int columns, Consumer<String> violations) {
    boolean found =
        switch (call) {
          case PlanNode.AggregateOver a ->
              a.call().columns().stream().allMatch(c -> c >= 0 && c < columns)
                  && a.call().filter() < columns
                  && !a.call().distinct()
                  && a.call().order().isEmpty();
          case PlanNode.FunctionOver f ->
              f.arguments().stream().allMatch(c -> c >= 0 && c < columns);
        };
    if (!found) {
      violations.accept("window function over a missing column: " + call);
    }
    WindowFrame frame = call.frame();
    FrameShape shape = frame.shape();
    boolean key = shape.unit() == FrameShape.Unit.RANGE && shape.hasOffset();
    if (isOff(shape.start(), frame.start())
        || isOff(shape.end(), frame.end())
        || key != (frame.rangeKey() != null)) {
      violations.accept("frame " + frame);
    }
  }

  private static boolean isOff(FrameShape.Edge edge, @Nullable Expr offset) {
    return edge.hasOffset() != (offset != null);
  }
}

package dev.sheaf.compute.explain;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.expression.FrameShape.Exclusion;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.PartitionLimit;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Windows as SQL-like text. */
final class WindowPrinter {
  private WindowPrinter() {}

  static String print(PlanNode.Window node) {
    List<Field> input = node.input().output();
    String keys = keys(node.sort(), input);
    PartitionLimit limit = node.limit();
    return "Window"
        + (keys.isEmpty() ? "" : " by " + keys)
        + node.windows().stream()
            .map(w -> window(w, node.sort(), input))
            .collect(Collectors.joining("; ", " ", ""))
        + (limit == null
            ? ""
            : " first "
                + ExprPrinter.print(limit.count(), List.of())
                + (limit.withTies() ? " with ties" : ""));
  }

  private static String window(WindowCalls window, List<SortKey> sort, List<Field> input) {
    int partition = window.partitionKeys();
    List<SortKey> order = sort.subList(partition, partition + window.orderKeys());
    String partitionBy =
        sort.subList(0, partition).stream()
            .map(k -> input.get(k.column()).name())
            .collect(Collectors.joining(", "));
    String over =
        (partition == 0 ? "" : "partition by " + partitionBy)
            + (partition == 0 || order.isEmpty() ? "" : " ")
            + (order.isEmpty() ? "" : "order by " + keys(order, input));
    String calls =
        window.calls().stream().map(c -> call(c, input)).collect(Collectors.joining(", "));
    return calls + " over (" + over + ")";
  }

  private static String keys(List<SortKey> keys, List<Field> input) {
    return keys.stream().map(k -> PlanPrinter.key(k, input)).collect(Collectors.joining(", "));
  }

  private static String call(WindowCall call, List<Field> input) {
    String function =
        switch (call) {
          case PlanNode.AggregateOver a -> PlanPrinter.call(a.call(), input);
          case PlanNode.FunctionOver f ->
              f.arguments().stream()
                  .map(c -> input.get(c).name())
                  .collect(
                      Collectors.joining(", ", f.fn().name().toLowerCase(Locale.ROOT) + "(", ")"));
        };
    return call.frame().equals(WindowFrame.DEFAULT)
        ? function
        : function + " " + frame(call.frame());
  }

  private static String frame(WindowFrame frame) {
    FrameShape shape = frame.shape();
    String between =
        "%s between %s and %s"
            .formatted(
                words(shape.unit()),
                edge(shape.start(), frame.start()),
                edge(shape.end(), frame.end()));
    return shape.exclusion() == Exclusion.NO_OTHERS
        ? between
        : between + " exclude " + words(shape.exclusion());
  }

  private static String edge(Edge edge, @Nullable Expr offset) {
    return offset == null ? words(edge) : ExprPrinter.print(offset, List.of()) + " " + words(edge);
  }

  private static String words(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

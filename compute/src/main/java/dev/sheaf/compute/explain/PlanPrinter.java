package dev.sheaf.compute.explain;

import dev.sheaf.compute.exec.Profile;
import dev.sheaf.compute.plan.PlanNode;
import org.jspecify.annotations.Nullable;

/** Prints plans, one line per node, inputs indented below. Stateless and thread-safe. */
public final class PlanPrinter {
  private PlanPrinter() {}

  /**
   * @param profile figures of an execution to add to each line, null = none
   */
  public static String print(PlanNode plan, @Nullable Profile profile) {
    var out = new StringBuilder();
    print(plan, profile, 0, out);
    return out.toString();
  }

  private static void print(
      PlanNode node, @Nullable Profile profile, int depth, StringBuilder out) {
    out.repeat("  ", depth).append(node.getClass().getSimpleName());
    if (profile != null) {
      Profile.Figures figures = profile.of(node);
      out.append(" rows=").append(figures.rows.sum());
    }
    out.append('\n');
    for (PlanNode input : node.inputs()) {
      print(input, profile, depth + 1, out);
    }
  }
}

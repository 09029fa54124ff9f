package dev.sheaf.compute.plan.check;

import dev.sheaf.compute.plan.PlanNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs every check on every node of a plan. Stateless and thread-safe. */
public final class PlanChecks {
  private static final Map<String, PlanCheck> CHECKS = new LinkedHashMap<>();

  static {
    CHECKS.put("columns exist with the type that expressions say", new ColumnsExist());
    CHECKS.put("functions get the argument types that they expect", new ArgumentTypes());
    CHECKS.put("nodes put out the columns that they say", new OutputsMatch());
    CHECKS.put("windows are over the order that they need", new WindowsSorted());
    CHECKS.put("keys have the types of what they are compared with", new KeyTypes());
  }

  private PlanChecks() {}

  /** What is wrong with the plan, each with the name of the check; empty = nothing. */
  public static List<String> violations(PlanNode plan) {
    var found = new ArrayList<String>();
    CHECKS.forEach((name, check) -> visit(plan, name, check, found));
    return found;
  }

  private static void visit(PlanNode node, String name, PlanCheck check, List<String> found) {
    check.check(node, v -> found.add(name + ": " + node.getClass().getSimpleName() + ": " + v));
    node.inputs().forEach(i -> visit(i, name, check, found));
  }
}

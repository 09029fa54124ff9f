package dev.sheaf.compute.plan.check;

import dev.sheaf.compute.plan.PlanNode;
import java.util.function.Consumer;

/** One property of each node of a plan. Stateless. */
interface PlanCheck {
  /** Reports what is wrong with the node itself; its inputs are checked on their own. */
  void check(PlanNode node, Consumer<String> violations);
}

package dev.sheaf.compute.exec;

import dev.sheaf.compute.plan.PlanNode;

/** Notes an operator's figures where the execution collects them. */
final class Profiles {
  private Profiles() {}

  /** Adds the reservation's peak and its bytes on disk; called when the operator closes. */
  static void memory(Execution execution, PlanNode node, Reservation memory) {
    Profile profile = execution.context().profile();
    if (profile != null) {
      profile.of(node).memoryBytes.add(memory.takePeakBytes());
      profile.of(node).spilledBytes.add(memory.takeSpilledBytes());
    }
  }
}

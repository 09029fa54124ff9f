package dev.sheaf.compute.plan.rule;

import java.util.List;
import org.apache.calcite.rel.RelNode;

/**
 * Copies a graph in which equal parts are one object to a tree in which nothing is: Calcite's
 * rewriting makes the one and its decorrelation wants the other.
 */
public final class Unshared {
  private Unshared() {}

  public static RelNode apply(RelNode rel) {
    List<RelNode> inputs = rel.getInputs().stream().map(Unshared::apply).toList();
    return rel.copy(rel.getTraitSet(), inputs);
  }
}

package dev.sheaf.compute.plan;

/**
 * What the planner may do. Part of a cached plan's identity.
 *
 * @param reorderJoins false = joins run in the order written
 */
public record PlannerSettings(boolean reorderJoins) {
  public static final PlannerSettings DEFAULT = new PlannerSettings(true);
}

package dev.sheaf.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Invariants of the log under random schedules. Repeat one seed with -Dlog.seed=N. */
final class LogSimulationTest {
  private static final int SEEDS = 800;
  private static final int STEPS = 1_500;

  @Test
  void everyScheduleKeepsWhatWasAcknowledged() {
    Long only = Long.getLong("log.seed");
    long first = only == null ? 1 : only;
    long last = only == null ? SEEDS : only;
    long committed = 0;
    for (long seed = first; seed <= last; seed++) {
      LogSimulation simulation = new LogSimulation(seed);
      try {
        simulation.run(STEPS);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": repeat with -Dlog.seed=" + seed, e);
      }
      committed += simulation.committedCount();
    }
    assertThat(committed).as("the schedules let the log make progress").isGreaterThan(last - first);
  }
}

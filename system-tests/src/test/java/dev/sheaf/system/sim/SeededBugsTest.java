package dev.sheaf.system.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation can fail: it finds each seeded bug within so many seeds. */
final class SeededBugsTest {
  /** Nearly all are found within 200; which seeds find one changes with the code. */
  private static final int SEEDS = 1_000;

  @ParameterizedTest
  @EnumSource(SeededBug.class)
  void isFound(SeededBug bug) {
    var cluster = new WovenCluster(bug.part(), bug.redirects());
    // Where it was found last is a good place to begin.
    LongStream seeds =
        LongStream.concat(LongStream.of(bug.lastFoundBy()), LongStream.rangeClosed(1, SEEDS));
    assertThat(seeds.anyMatch(seed -> fails(cluster, seed)))
        .as("%s shows within %d seeds", bug, SEEDS)
        .isTrue();
  }

  private static boolean fails(WovenCluster cluster, long seed) {
    try {
      assertThat(cluster.run(seed)).isNotEmpty();
      return false;
    } catch (AssertionError found) {
      if (found.getCause() instanceof LinkageError unfit) {
        throw unfit; // the bug does not fit the code any more, which is no find
      }
      return true;
    }
  }
}

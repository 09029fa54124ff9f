package dev.sheaf.log.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The specification of the log and of the grant holds in small models, and each mistake seeded into
 * it is found. {@code -Dspec.size=large} checks the large models instead, each for {@code
 * -Dspec.minutes} at most: a model that would take longer is searched in part and counts as
 * skipped. What TLC read and said stays in {@code target/spec}.
 */
final class SpecTest {
  private static final boolean LARGE = "large".equals(System.getProperty("spec.size"));

  private final Tlc tlc =
      LARGE
          ? new Tlc(
              Path.of("target", "spec").toAbsolutePath(),
              List.of("-Xmx4g"),
              Long.getLong("spec.minutes", 600))
          : new Tlc(
              Path.of("target", "spec").toAbsolutePath(),
              // Most of these runs end before a better compiler would pay off.
              List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
              10);

  @TestFactory
  Stream<DynamicTest> everyStateOfTheModelsKeepsTheInvariants() {
    return (LARGE ? Models.LARGE : Models.SMALL)
        .stream().map(each -> DynamicTest.dynamicTest(each.model().name(), () -> checkHolds(each)));
  }

  private void checkHolds(Models.Sound sound) throws InterruptedException {
    Tlc.Outcome outcome = tlc.check(sound.model());
    assertThat(outcome.violated()).as("see %s", outcome.output()).isEmpty();
    checkEnded(outcome);
    assertThat(outcome.distinctStates())
        .as("states of %s: fewer mean that something cannot happen any more", sound.model().name())
        .isGreaterThanOrEqualTo(sound.leastStates());
  }

  /** No time is no failure where it is asked for; the models of each build must be seen whole. */
  private static void checkEnded(Tlc.Outcome outcome) {
    assumeThat(LARGE && !outcome.complete() && outcome.violated().isEmpty())
        .as("searched in part, %d states", outcome.distinctStates())
        .isFalse();
    assertThat(outcome.complete() || outcome.violated().isPresent())
        .as("there was time enough, see %s", outcome.output())
        .isTrue();
  }

  @TestFactory
  Stream<DynamicTest> everySeededMistakeIsFound() {
    return (LARGE ? Models.MISTAKEN_LARGE : Models.MISTAKEN)
        .stream().map(each -> DynamicTest.dynamicTest(each.model().name(), () -> checkFound(each)));
  }

  private void checkFound(Models.Mistaken mistaken) throws InterruptedException {
    Tlc.Outcome outcome = tlc.check(mistaken.model());
    checkEnded(outcome);
    assertThat(outcome.violated()).as("see %s", outcome.output()).contains(mistaken.invariant());
  }
}

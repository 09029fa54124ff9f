package dev.sheaf.pageserver.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Timestamp;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimestampOracleTest {
  private static final long SEED = 4_711;

  @Test
  void strictlyIncreasesBelowTheWindowWhateverTheClockDoes() {
    var random = new Random(SEED);
    var oracle = new TimestampOracle(Timestamp.ofMillis(1_000));
    long clock = 1_000;
    Timestamp last = oracle.last();
    Timestamp window = oracle.last();
    for (int i = 0; i < 200_000; i++) {
      clock +=
          switch (random.nextInt(1000)) {
            case 0 -> -random.nextLong(1_000_000);
            case 1 -> random.nextLong(1_000_000);
            default -> random.nextInt(3) / 2;
          };
      Optional<Timestamp> drawn = oracle.draw(clock);
      if (drawn.isEmpty()) {
        assertThat(oracle.isRunningLow(clock)).as("seed %s, draw %s", SEED, i).isTrue();
        Timestamp next = oracle.nextWindow(clock);
        assertThat(next).isGreaterThan(window);
        window = next;
        oracle.extended(window);
        drawn = oracle.draw(clock);
      }
      assertThat(drawn.orElseThrow())
          .as("seed %s, draw %s", SEED, i)
          .isBetween(new Timestamp(last.value() + 1), new Timestamp(window.value() - 1));
      last = drawn.orElseThrow();
    }
  }

  @Test
  void followsTheClockAndCarriesIntoTheMilliseconds() {
    var oracle = new TimestampOracle(Timestamp.ZERO);
    oracle.extended(Timestamp.ofMillis(100_000));
    assertThat(oracle.draw(50_000)).contains(Timestamp.ofMillis(50_000));
    for (int i = 1; i < 1 << Timestamp.LOGICAL_BITS; i++) {
      oracle.draw(40_000);
    }
    assertThat(oracle.draw(40_000)).contains(Timestamp.ofMillis(50_001));
    assertThat(oracle.draw(100_000)).isEmpty();
    assertThat(oracle.draw(99_999)).contains(Timestamp.ofMillis(99_999));
    // A clock beyond what fits does not wrap around.
    assertThat(oracle.nextWindow(Long.MAX_VALUE)).isGreaterThan(oracle.last());
    assertThat(oracle.draw(Long.MIN_VALUE)).contains(new Timestamp(oracle.last().value()));
  }
}

package dev.sheaf.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdlenessTest {
  /** Intervals of 1,000 ms, of which three in a row must use less than 50 ms. */
  @ParameterizedTest
  @CsvSource({
    "9000 9000 9000 9000,       true",
    "9000 9049 9098 9147,       true",
    "9000 9000 9000,            false",
    "9000 9049 9099 9148,       false",
    "9000 9000 9000 9500 9500,  false",
    "9000 9000 9500 9500 9500 9500, true",
    "0 1000 2000 3000 4000,     false",
  })
  void takesSomeQuietIntervalsInARow(String used, boolean idle) {
    var idleness = new Idleness(Duration.ofMillis(1_000), 3);
    boolean last = false;
    for (String millis : used.split(" ")) {
      last = idleness.after(Duration.ofMillis(Long.parseLong(millis)));
    }
    assertThat(last).isEqualTo(idle);
  }
}

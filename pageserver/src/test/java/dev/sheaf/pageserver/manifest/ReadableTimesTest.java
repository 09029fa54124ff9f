package dev.sheaf.pageserver.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadableTimesTest {
  private static final int END = 30;

  private static ReadableTimes random(Random random) {
    int from = random.nextInt(END);
    var points = new ArrayList<Timestamp>();
    for (int at = 0; at < from; at++) {
      if (random.nextInt(6) == 0) {
        points.add(new Timestamp(at));
      }
    }
    return new ReadableTimes(new Timestamp(from), points);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void reachesWhatSomeTimestampSeesAndNeverWidens(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      ReadableTimes now = random(random);
      ReadableTimes wanted = random(random);
      long newest = random.nextInt(END);
      ReadableTimes next = now.narrowedTo(wanted, new Timestamp(newest));
      for (long at = 0; at < END; at++) {
        boolean readable = next.includes(new Timestamp(at));
        boolean needed =
            wanted.includes(new Timestamp(at)) || at >= Math.max(newest, now.from().value());
        assertThat(readable && !now.includes(new Timestamp(at)))
            .as("seed %d: widened", seed)
            .isFalse();
        if (now.includes(new Timestamp(at)) && needed) {
          assertThat(readable).as("seed %d: %s of %s in %s", seed, at, now, next).isTrue();
        }
        for (long since : new long[] {at + 1, at + 1 + random.nextInt(END), DeleteVector.NEVER}) {
          boolean seen = since > next.from().value();
          for (long t = at; t < Math.min(since, END); t++) {
            seen |= next.includes(new Timestamp(t));
          }
          assertThat(next.reach(at, since)).isEqualTo(seen);
        }
      }
    }
    assertThat(List.of(ReadableTimes.EVERYTHING.includes(Timestamp.ZERO))).containsExactly(true);
  }
}

package dev.sheaf.pageserver.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Deadline;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CompactionPressureTest {
  @Test
  void pausesGrowLittleByLittleAndNeverPastTheDeadline() {
    var waiting = new AtomicInteger();
    var totals = new StoreTotals();
    var pressure = new CompactionPressure(waiting::get, totals, System::nanoTime);
    long before = 0;
    for (int segments = 0; segments < 2000; segments++) {
      waiting.set(segments);
      long pause = pressure.pauseNanos();
      assertThat(pause - before).isBetween(0L, 200_000L);
      before = pause;
    }
    assertThat(before).isEqualTo(100_000_000L);
    pressure.pause(Deadline.after(System.nanoTime() - 1_000_000_000L, 0));
    assertThat(totals.pausedNanos()).isZero();
    waiting.set(70);
    pressure.pause(Deadline.after(System.nanoTime(), 20_000));
    assertThat(totals.pausedNanos()).isEqualTo(6 * 200_000L);
  }
}

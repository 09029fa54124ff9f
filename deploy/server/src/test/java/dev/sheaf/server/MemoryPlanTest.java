package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.server.MemoryPlan.Wishes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPlanTest {
  private static final long MIB = 1L << 20;
  private static final Wishes NONE = new Wishes(-1, -1, -1);

  @ParameterizedTest
  @ValueSource(longs = {192, 256, 512, 1024, 2048, 10_000, 100_000, 1_000_000})
  void sharesStayBelowTheHeap(long heapMib) {
    for (int safekeepers : new int[] {1, 3}) {
      MemoryPlan plan = MemoryPlan.of(heapMib * MIB, safekeepers, NONE);

      assertThat(plan.heapBytes(safekeepers)).isLessThan(heapMib * MIB * 9 / 10);
      assertThat(plan.oneQueryBytes()).isLessThanOrEqualTo(plan.queryBytes());
      assertThat(plan.flushBytes()).isLessThanOrEqualTo(plan.memtableBytes() / 2);
      assertThat(plan.blockCacheBytes()).isGreaterThan(10 * MIB);
    }
  }

  @Test
  void aLimitBelowTheHeapCounts() {
    MemoryPlan plan = MemoryPlan.of(4096 * MIB, 1, new Wishes(512 * MIB, 32 * MIB, 2 * MIB));

    assertThat(plan.heapBytes(1)).isLessThan(512 * MIB);
    assertThat(plan.oneQueryBytes()).isEqualTo(32 * MIB);
    assertThat(plan.flushBytes()).isEqualTo(2 * MIB);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "191  | -1   | -1   | -1    | raise -Xmx",
        "1024 | 100  | -1   | -1    | raise -Xmx",
        "1024 | 1025 | -1   | -1    | sheaf.memory",
        "1024 | -1   | 0    | -1    | sheaf.query.memory",
        "1024 | -1   | 1000 | -1    | sheaf.query.memory",
        "1024 | -1   | -1   | 0     | sheaf.flush-size",
        "1024 | -1   | -1   | 1000  | sheaf.flush-size",
      })
  void whatDoesNotFitIsNamed(
      long heapMib, long limitMib, long queryMib, long flushMib, String message) {
    var wishes = new Wishes(bytes(limitMib), bytes(queryMib), bytes(flushMib));
    assertThatThrownBy(() -> MemoryPlan.of(heapMib * MIB, 1, wishes))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining(message);
  }

  private static long bytes(long mib) {
    return mib < 0 ? -1 : mib * MIB;
  }
}

package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.type.SqlType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * Random tables for one operator's test, and rows to compare; what was taken must be given back.
 */
abstract class RandomTables {
  static final SqlType[] TYPES = {
    SqlType.INTEGER,
    SqlType.BIGINT,
    SqlType.TEXT,
    SqlType.DOUBLE,
    SqlType.decimal(12, 2),
    SqlType.decimal(30, 4)
  };

  final long seed = Long.getLong("seed", 42);
  final Random random = new Random(seed);
  final ExecutorFixture fixture = new ExecutorFixture(130, 37, 1 << 28);

  @AfterEach
  void everythingIsReleased() {
    fixture.close();
    assertThat(fixture.memory.usedBytes()).as("memory still held, seed %d", seed).isZero();
    assertThat(fixture.storage.open.get()).as("scans still open, seed %d", seed).isZero();
  }

  final List<@Nullable Object[]> randomRows(int count, int distinct) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int v = random.nextInt(distinct);
      @Nullable Object[] row = {
        random.nextInt(distinct) - distinct / 2,
        (long) random.nextInt(distinct) * 1_000_000_007L,
        utf8("text" + random.nextInt(distinct)),
        v % 5 == 0 ? -0.0 : v % 7 == 0 ? Double.NaN : v / 4.0,
        (long) random.nextInt(1_000_000) - 500_000,
        BigInteger.valueOf(random.nextLong()).multiply(BigInteger.valueOf(random.nextInt(1000)))
      };
      for (int c = 0; c < row.length; c++) {
        if (random.nextInt(9) == 0) {
          row[c] = null;
        }
      }
      rows.add(row);
    }
    return rows;
  }

  static List<List<@Nullable Object>> plainRows(List<@Nullable Object[]> rows) {
    return rows.stream().map(ExecutorFixture::plain).toList();
  }

  /** Equality keys: -0 and 0 are one, NaN equals itself. */
  static @Nullable Object key(@Nullable Object value) {
    return value instanceof Double d ? (Object) (d + 0.0) : value;
  }

  final void same(List<List<@Nullable Object>> actual, List<List<@Nullable Object>> expected) {
    assertThat(counted(actual)).as("seed %d", seed).isEqualTo(counted(expected));
  }

  static Map<List<@Nullable Object>, Long> counted(List<List<@Nullable Object>> rows) {
    return rows.stream()
        .map(
            r -> r.stream().map(RandomTables::key).collect(Collectors.toCollection(ArrayList::new)))
        .collect(Collectors.groupingBy(r -> (List<@Nullable Object>) r, Collectors.counting()));
  }

  static List<@Nullable Object> joined(List<@Nullable Object> a, List<@Nullable Object> b) {
    List<@Nullable Object> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }
}

package dev.sheaf.compute.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No row that has a match fails; nearly all fail that have none. */
class JoinKeyFilterTest {
  private final long seed = Long.getLong("seed", 7);
  private final Random random = new Random(seed);

  enum Keys {
    DENSE(i -> 1000 + 3 * i),
    SPARSE(i -> i * 1_000_003),
    NEGATIVE(i -> -5 * i),
    EXTREME(i -> i % 2 == 0 ? Integer.MIN_VALUE + i : Integer.MAX_VALUE - i),
    HUGE(i -> (i % 2 == 0 ? Long.MIN_VALUE : Long.MAX_VALUE) ^ i * 77);

    private final LongUnaryOperator key;

    Keys(LongUnaryOperator key) {
      this.key = key;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatHasAMatchPasses(Keys keys) {
    PhysicalType type =
        keys == Keys.HUGE || keys == Keys.SPARSE ? PhysicalType.LONG : PhysicalType.INT;
    for (int count : new int[] {0, 1, 2000}) {
      @Nullable Object[] build = new @Nullable Object[count + 1];
      Set<Object> present = new HashSet<>();
      for (int i = 0; i < count; i++) {
        build[i] = value(type, keys.key.applyAsLong(i));
        present.add(Objects.requireNonNull(build[i]));
      }
      var plan = Objects.requireNonNull(JoinKeyFilter.over(Vectors.of(type, build)));
      JoinKeyFilter filter = plan.build();
      @Nullable Object[] probe = new @Nullable Object[4096];
      for (int i = 0; i < probe.length; i++) {
        long number = keys.key.applyAsLong(random.nextInt(4000)) + random.nextInt(2);
        probe[i] = random.nextInt(10) == 0 ? null : value(type, number);
      }
      Vec vec = Vectors.of(type, probe);
      int[] some = IntStream.range(0, probe.length).filter(i -> random.nextBoolean()).toArray();
      for (Batch batch :
          new Batch[] {
            Batch.of(new Vec[] {vec}, probe.length),
            new Batch(new Vec[] {vec}, probe.length, some, some.length)
          }) {
        Batch passed = filter.apply(batch, 0);
        Set<Integer> rows = new HashSet<>();
        for (int k = 0; k < passed.selected(); k++) {
          rows.add(passed.row(k));
          assertThat(probe[passed.row(k)]).as("NULL matches nothing").isNotNull();
        }
        int wrong = 0;
        for (int k = 0; k < batch.selected(); k++) {
          Object key = probe[batch.row(k)];
          if (key != null && present.contains(key)) {
            assertThat(rows).as("%s of %d, seed %d", keys, count, seed).contains(batch.row(k));
          } else if (rows.contains(batch.row(k))) {
            wrong++;
          }
        }
        assertThat(wrong).as("%s of %d, seed %d", keys, count, seed).isLessThan(400);
      }
    }
  }

  private static Object value(PhysicalType type, long number) {
    return type == PhysicalType.INT ? (Object) (int) number : (Object) number;
  }

  @org.junit.jupiter.api.Test
  void denseKeysTakeABitEach() {
    @Nullable Object[] keys = new @Nullable Object[100_000];
    Arrays.setAll(keys, i -> (long) i * 8);
    var plan = Objects.requireNonNull(JoinKeyFilter.over(Vectors.of(PhysicalType.LONG, keys)));
    assertThat(plan.sizeBytes()).isEqualTo(100_000);
  }
}

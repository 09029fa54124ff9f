package dev.sheaf.pageserver.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.pageserver.column.BytesColumnBuilder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeySortTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);

  /** Keys in a column, all rows in their order. */
  private record Column(BytesColumnBuilder keys) implements KeySort.Keys {
    @Override
    public int count() {
      return keys.size();
    }

    @Override
    public int shared() {
      byte[] first = keys.bytes(0);
      return IntStream.range(0, count())
          .map(row -> keys.sharedWith(first, first.length, row))
          .min()
          .orElse(0);
    }

    @Override
    public long head(int place, int skipped) {
      return keys.head(place, skipped);
    }

    @Override
    public int compare(int a, int b) {
      return keys.compare(a, keys, b);
    }
  }

  /** Keys that differ early, late or not at all, that end early, and with zeros at the end. */
  @Test
  void keysOfAllKindsAreInOrderAndEqualOnesAsTheyCame() {
    var random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      byte[] prefix = new byte[random.nextInt(4)];
      int longest = 1 + random.nextInt(20);
      int alphabet = 1 + random.nextInt(random.nextBoolean() ? 2 : 256);
      var keys = new BytesColumnBuilder();
      int rows = 1 + random.nextInt(300);
      for (int i = 0; i < rows; i++) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + random.nextInt(longest));
        for (int at = prefix.length; at < key.length; at++) {
          key[at] = (byte) (random.nextInt(alphabet) - alphabet / 2);
        }
        keys.append(key);
      }
      Integer[] expected =
          IntStream.range(0, rows)
              .boxed()
              .sorted(Comparator.comparing(keys::bytes, Arrays::compareUnsigned))
              .toArray(Integer[]::new);
      assertThat(KeySort.sort(new Column(keys)))
          .as("-Dsheaf.seed=%d, round %d", SEED, round)
          .isEqualTo(Arrays.stream(expected).mapToInt(Integer::intValue).toArray());
    }
  }
}

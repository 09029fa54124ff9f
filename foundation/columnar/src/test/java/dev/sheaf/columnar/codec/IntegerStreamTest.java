package dev.sheaf.columnar.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.codec.IntegerStream.Access;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class IntegerStreamTest {
  private static final long SEED = Long.getLong("sheaf.seed", 5);
  private static final int[] COUNTS = {0, 1, 2, 7, 8, 9, 63, 64, 65, 1000, 4096};

  @Test
  void everyWidthRoundTripsInEveryRange() {
    var random = new Random(SEED);
    for (int width = 0; width <= 64; width++) {
      for (int count : COUNTS) {
        int shift = 64 - width;
        long base = random.nextInt(3) == 0 ? Long.MIN_VALUE : random.nextInt(1000) - 500;
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = base + (width == 0 ? 0 : random.nextLong() >>> shift);
        }
        check(values, random, "-Dsheaf.seed=" + SEED + " width " + width + " count " + count);
      }
    }
  }

  @Test
  void runsAndDifferencesRoundTrip() {
    var random = new Random(SEED);
    for (int count : COUNTS) {
      for (int step : new int[] {0, 1, 5, 1_000_000}) {
        long[] ascending = new long[count];
        long[] runs = new long[count];
        long[] wrapping = new long[count];
        for (int i = 1; i < count; i++) {
          ascending[i] = ascending[i - 1] + (step == 0 ? 0 : random.nextInt(step));
          runs[i] = random.nextInt(40) == 0 ? random.nextLong() : runs[i - 1];
          wrapping[i] = wrapping[i - 1] + Long.MAX_VALUE / 2 + random.nextInt(3);
        }
        String what = "-Dsheaf.seed=" + SEED + " count " + count + " step " + step;
        check(ascending, random, what);
        check(runs, random, what);
        check(wrapping, random, what);
      }
    }
  }

  @Test
  void setsAndMultiplesRoundTrip() {
    var random = new Random(SEED);
    for (int count : COUNTS) {
      for (int distinct : new int[] {2, 3, 200, 256, 257}) {
        long[] set = random.longs(distinct).toArray();
        long[] small = random.ints(distinct).asLongStream().toArray();
        long step = 1 + random.nextInt(1 << 20);
        long base = random.nextInt();
        long[] wide = new long[count];
        long[] ints = new long[count];
        long[] multiples = new long[count];
        long[] far = new long[count];
        for (int i = 0; i < count; i++) {
          wide[i] = set[random.nextInt(distinct)];
          ints[i] = small[random.nextInt(distinct)];
          multiples[i] = (int) base + step * random.nextInt(distinct);
          far[i] = (1L << 40) * (random.nextInt(1 << 23) - (1 << 22));
        }
        String what = "-Dsheaf.seed=" + SEED + " count " + count + " distinct " + distinct;
        check(wide, random, what);
        check(ints, random, what);
        check(multiples, random, what);
        check(far, random, what);
      }
    }
  }

  @Test
  void choosesWhatIsSmall() {
    long[] values = new long[4096];
    Arrays.fill(values, -7);
    assertThat(encode(values, Access.SEQUENTIAL).size()).as("constant").isEqualTo(9);

    Arrays.setAll(values, i -> 1_000_000_007L + i % 16);
    assertThat(encode(values, Access.RANDOM).size()).as("4 bits each").isEqualTo(10 + 2048);

    Arrays.setAll(values, i -> 1000L * i);
    assertThat(encode(values, Access.SEQUENTIAL).size()).as("equal steps").isEqualTo(18);
    assertThat(encode(values, Access.RANDOM).size()).as("12 bits each").isEqualTo(18 + 6144);

    var random = new Random(SEED);
    Arrays.setAll(values, i -> 100L * (1 + random.nextInt(50)));
    assertThat(encode(values, Access.RANDOM).size()).as("hundreds").isEqualTo(18 + 3072);

    long[] set = random.longs(16).toArray();
    Arrays.setAll(values, i -> set[random.nextInt(16)]);
    assertThat(encode(values, Access.RANDOM).size())
        .as("16 of them")
        .isEqualTo(3 + 10 + 16 * 8 + 10 + 2048);

    Arrays.setAll(values, i -> i < 4000 ? 5L : 1L << 50);
    assertThat(encode(values, Access.RANDOM).size()).as("two runs").isLessThan(40);
  }

  private static ByteSink encode(long[] values, Access access) {
    var sink = new ByteSink(16);
    IntegerStream.encode(values, values.length, access, sink);
    return sink;
  }

  private static void check(long[] values, Random random, String what) {
    boolean ints = Arrays.stream(values).allMatch(v -> v == (int) v);
    for (Access access : Access.values()) {
      ByteSink sink = encode(values, access);
      // not at 0, and with other bytes behind that must not leak in
      byte[] in = new byte[3 + sink.size() + BitPacking.SLACK_BYTES];
      Arrays.fill(in, (byte) -1);
      System.arraycopy(sink.array(), 0, in, 3, sink.size());

      assertThat(IntegerStream.length(in, 3, values.length)).as(what).isEqualTo(sink.size());
      for (int[] range : ranges(values.length, random)) {
        long[] out = new long[values.length + 2];
        IntegerStream.decode(in, 3, range[0], range[1], out, 2);
        long[] wanted = new long[out.length];
        System.arraycopy(values, range[0], wanted, 2, range[1]);
        assertSame(out, wanted, what);
        if (ints) {
          int[] narrow = new int[values.length + 2];
          IntegerStream.decodeInts(in, 3, range[0], range[1], narrow, 2);
          assertSame(Arrays.stream(narrow).asLongStream().toArray(), wanted, what + " as ints");
        }
      }
      if (access == Access.RANDOM && values.length > 0) {
        int i = random.nextInt(values.length);
        assertThat(IntegerStream.get(in, 3, i)).as(what).isEqualTo(values[i]);
      }
    }
  }

  private static void assertSame(long[] actual, long[] wanted, String what) {
    int mismatch = Arrays.mismatch(actual, wanted);
    if (mismatch >= 0) {
      throw new AssertionError(
          what + ": " + actual[mismatch] + " at " + mismatch + ", not " + wanted[mismatch]);
    }
  }

  private static List<int[]> ranges(int count, Random random) {
    List<int[]> ranges = new ArrayList<>();
    ranges.add(new int[] {0, count});
    for (int i = 0; i < 4; i++) {
      int from = random.nextInt(count + 1);
      ranges.add(new int[] {from, random.nextInt(count - from + 1)});
    }
    return ranges;
  }
}

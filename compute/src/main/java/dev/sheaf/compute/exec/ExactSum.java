package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * SUM and AVG of integers and DECIMALs in 128 bits: exact, and out of range only if the result is.
 */
final class ExactSum implements ReversibleAccumulator {
  private final boolean average;
  private final SqlType type;
  private final int argumentScale;
  private final Reservation memory;
  private long[] high = new long[0];
  private long[] low = new long[0];
  private long[] counts = new long[0];

  ExactSum(boolean average, SqlType argument, SqlType type, Reservation memory) {
    this.average = average;
    this.argumentScale = argument.scale();
    this.type = type;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    high = memory.grow(high, groups);
    low = memory.grow(low, groups);
    counts = memory.grow(counts, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    switch (vec) {
      case IntVec v when groups == null -> addToOne(sum(v.values(), rows, n), n);
      case LongVec v when groups == null -> addLongsToOne(v.values(), rows, n);
      case IntVec v -> addInts(v.values(), rows, groups, n);
      case LongVec v -> addLongs(v.values(), rows, groups, n);
      case Int128Vec v when v.isNarrow() && groups == null -> addLongsToOne(v.low(), rows, n);
      case Int128Vec v when v.isNarrow() -> addLongs(v.low(), rows, groups, n);
      case Int128Vec v -> addWide(v, rows, groups, n);
      case null, default -> throw new IllegalArgumentException("not an exact number: " + vec);
    }
  }

  private void addToOne(long sum, int n) {
    addWide(0, sum >> 63, sum);
    counts[0] += n;
  }

  private void addWide(int group, long h, long l) {
    long sum = low[group] + l;
    high[group] += h + (Long.compareUnsigned(sum, l) < 0 ? 1 : 0);
    low[group] = sum;
  }

  private static long sum(int[] in, int @Nullable [] rows, int n) {
    long sum = 0;
    if (rows == null) {
      for (int k = 0; k < n; k++) {
        sum += in[k];
      }
    } else {
      for (int k = 0; k < n; k++) {
        sum += in[rows[k]];
      }
    }
    return sum;
  }

  /** Halves of 32 bits cannot overflow within a batch. */
  private void addLongsToOne(long[] in, int @Nullable [] rows, int n) {
    long upper = 0;
    long lower = 0;
    for (int k = 0; k < n; k++) {
      long v = in[rows == null ? k : rows[k]];
      upper += v >> 32;
      lower += v & 0xFFFFFFFFL;
    }
    addWide(0, upper >> 32, upper << 32);
    addWide(0, 0, lower);
    counts[0] += n;
  }

  @Override
  public boolean prefersRuns() {
    return true;
  }

  @Override
  public void addRuns(Vec[] columns, GroupRuns runs) {
    for (int g = 0; g < runs.size(); g++) {
      int from = runs.begin(g);
      int to = runs.begin(g + 1);
      switch (columns[0]) {
        case IntVec v -> addRun(v.values(), runs.rows(), from, to, g);
        case LongVec v -> addRun(v.values(), runs.rows(), from, to, g);
        case Int128Vec v when v.isNarrow() -> addRun(v.low(), runs.rows(), from, to, g);
        case Int128Vec v -> addRun(v, runs.rows(), from, to, g);
        default -> throw new IllegalArgumentException("not an exact number: " + columns[0]);
      }
      counts[g] += to - from;
    }
  }

  private void addRun(int[] in, int[] rows, int from, int to, int group) {
    long sum = 0;
    for (int k = from; k < to; k++) {
      sum += in[rows[k]];
    }
    addWide(group, sum >> 63, sum);
  }

  private void addRun(long[] in, int[] rows, int from, int to, int group) {
    long upper = 0;
    long lower = 0;
    for (int k = from; k < to; k++) {
      long v = in[rows[k]];
      upper += v >> 32;
      lower += v & 0xFFFFFFFFL;
    }
    addWide(group, upper >> 32, upper << 32);
    addWide(group, 0, lower);
  }

  private void addRun(Int128Vec in, int[] rows, int from, int to, int group) {
    long[] highs = in.high();
    for (int k = from; k < to; k++) {
      addWide(group, highs[rows[k]], in.low()[rows[k]]);
    }
  }

  private void addInts(int[] in, int @Nullable [] rows, int[] groups, int n) {
    long[] h = high;
    long[] l = low;
    long[] c = counts;
    for (int k = 0; k < n; k++) {
      long v = in[rows == null ? k : rows[k]];
      int g = groups[k];
      long sum = l[g] + v;
      // The carry out of an unsigned sum, less one if v is negative.
      h[g] += (v >> 63) + (((l[g] & v) | ((l[g] | v) & ~sum)) >>> 63);
      l[g] = sum;
      c[g]++;
    }
  }

  private void addLongs(long[] in, int @Nullable [] rows, int[] groups, int n) {
    long[] h = high;
    long[] l = low;
    long[] c = counts;
    for (int k = 0; k < n; k++) {
      long v = in[rows == null ? k : rows[k]];
      int g = groups[k];
      long sum = l[g] + v;
      h[g] += (v >> 63) + (((l[g] & v) | ((l[g] | v) & ~sum)) >>> 63);
      l[g] = sum;
      c[g]++;
    }
  }

  private void addWide(Int128Vec in, int @Nullable [] rows, int @Nullable [] groups, int n) {
    long[] h = high;
    long[] l = low;
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      int g = groups == null ? 0 : groups[k];
      long v = in.low()[i];
      long sum = l[g] + v;
      h[g] += in.high()[i] + (((l[g] & v) | ((l[g] | v) & ~sum)) >>> 63);
      l[g] = sum;
      counts[g]++;
    }
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    ExactSum in = (ExactSum) other;
    for (int k = 0; k < n; k++) {
      addWide(to[k], in.high[from[k]], in.low[from[k]]);
      counts[to[k]] += in.counts[from[k]];
    }
  }

  /** The sum may have left 128 bits on the way: what wrapped around comes back. */
  @Override
  public void unmerge(Accumulator other, int[] from, int[] to, int n) {
    ExactSum in = (ExactSum) other;
    for (int k = 0; k < n; k++) {
      int f = from[k];
      int t = to[k];
      long borrow = Long.compareUnsigned(low[t], in.low[f]) < 0 ? 1 : 0;
      low[t] -= in.low[f];
      high[t] -= in.high[f] + borrow;
      counts[t] -= in.counts[f];
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    return result(groups, n, average, type);
  }

  /** SUM and AVG of one argument need the same state: this one's, finished another way. */
  Accumulator finishedAs(boolean asAverage, SqlType asType) {
    return new Finished(this, asAverage, asType);
  }

  private record Finished(ExactSum sum, boolean average, SqlType type) implements Accumulator {
    @Override
    public void ensure(int groups) {}

    @Override
    public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {}

    @Override
    public void merge(Accumulator other, int[] from, int[] to, int n) {}

    @Override
    public Vec result(int[] groups, int n) {
      return sum.result(groups, n, average, type);
    }
  }

  private Vec result(int[] groups, int n, boolean average, SqlType type) {
    long[] validity = Validity.allValid(n);
    long[] outHigh = new long[n];
    long[] outLow = new long[n];
    double[] doubles = new double[n];
    for (int k = 0; k < n; k++) {
      int g = groups[k];
      if (counts[g] == 0) {
        Validity.setNull(validity, k);
      } else if (type.physical() == PhysicalType.DOUBLE) {
        BigDecimal sum = new BigDecimal(Int128Vec.toBigInteger(high[g], low[g]), argumentScale);
        doubles[k] = average ? sum.doubleValue() / counts[g] : sum.doubleValue();
      } else {
        finish(g, k, outHigh, outLow, average, type);
      }
    }
    return switch (type.physical()) {
      case DOUBLE -> new DoubleVec(doubles, validity, n);
      case INT128 -> new Int128Vec(outHigh, outLow, validity, n);
      case INT -> {
        int[] ints = new int[n];
        for (int k = 0; k < n; k++) {
          ints[k] = (int) outLow[k];
        }
        yield new IntVec(ints, validity, n);
      }
      default -> new LongVec(outLow, validity, n);
    };
  }

  private void finish(int g, int k, long[] outHigh, long[] outLow, boolean average, SqlType type) {
    long h = high[g];
    long l = low[g];
    if (average || argumentScale != type.scale()) {
      var sum = new BigDecimal(Int128Vec.toBigInteger(h, l), argumentScale);
      BigInteger unscaled =
          (average
                  ? sum.divide(BigDecimal.valueOf(counts[g]), type.scale(), RoundingMode.HALF_UP)
                  : sum.setScale(type.scale(), RoundingMode.HALF_UP))
              .unscaledValue();
      if (unscaled.bitLength() > 127) {
        throw outOfRange(type);
      }
      h = unscaled.shiftRight(64).longValue();
      l = unscaled.longValue();
    }
    boolean fits =
        switch (type.kind()) {
          case DECIMAL -> Int128.fits(h, l, type.precision());
          case INTEGER -> h == l >> 63 && l == (int) l;
          case SMALLINT -> h == l >> 63 && l == (short) l;
          default -> h == l >> 63;
        };
    if (!fits) {
      throw outOfRange(type);
    }
    outHigh[k] = h;
    outLow[k] = l;
  }

  private static SheafException outOfRange(SqlType type) {
    return new SheafException(
        ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE, type.kind().sqlName() + " out of range");
  }
}

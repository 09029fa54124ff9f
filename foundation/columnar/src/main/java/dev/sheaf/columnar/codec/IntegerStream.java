package dev.sheaf.columnar.codec;

import java.util.Arrays;

/**
 * A run of at most 65,535 integers of up to 64 bits, in the encoding that is smallest among those
 * cheap to decode. The count is known to the reader from elsewhere.
 *
 * <pre>
 * kind      u8   then
 * CONSTANT  0    value i64
 * FRAME     1    base i64 | width u8 | values - base, bit-packed            random access
 * DELTA     2    first i64 | base i64 | width u8 | differences - base, bit-packed (count - 1)
 * RUNS      3    runs u16 | end of each run u16, ascending, the last = count | a FRAME or CONSTANT of the values
 * SCALED    4    base i64 | step i64 | width u8 | (values - base) / step, bit-packed      random access
 * SET       5    entries u16 | a FRAME of the entries | a FRAME of the values' entries    random access
 * </pre>
 *
 * Differences wrap around, so every sequence of longs round-trips. A frame of 64 bits has base 0:
 * it is the plain values. SCALED is for amounts in whole units of something larger than their
 * type's, SET for codes and flags that are far apart. The choice is by the exact size of each; one
 * that is dearer to decode must save an eighth or a quarter. Pure.
 */
public final class IntegerStream {
  public static final int MAX_COUNT = 0xFFFF;

  private static final byte CONSTANT = 0;
  private static final byte FRAME = 1;
  private static final byte DELTA = 2;
  private static final byte RUNS = 3;
  private static final byte SCALED = 4;
  private static final byte SET = 5;

  private static final int FRAME_HEAD = 10;
  private static final int DELTA_HEAD = 18;
  private static final int SCALED_HEAD = 18;
  private static final int SET_HEAD = 3;

  /** Narrower frames leave a set nothing to save. */
  private static final int LEAST_SET_WIDTH = 9;

  /** Entries of a set that are looked up at a time: they stay in the first-level cache. */
  private static final int CHUNK = 512;

  private IntegerStream() {}

  /** Which encodings a writer may choose. */
  public enum Access {
    /** Any: values are decoded in runs. */
    SEQUENTIAL,
    /** Only those that find one value without decoding its predecessors. */
    RANDOM
  }

  /** Appends {@code values[0..count)}. */
  public static void encode(long[] values, int count, Access access, ByteSink out) {
    if (count == 0) {
      constant(0, out);
      return;
    }
    var stats = Stats.of(values, count);
    if (stats.min == stats.max) {
      constant(stats.min, out);
      return;
    }
    int width = BitPacking.width(stats.max - stats.min);
    long frame = FRAME_HEAD + BitPacking.packedBytes(count, width);
    long runs = 3 + 2L * stats.runs + FRAME_HEAD + BitPacking.packedBytes(stats.runs, width);
    int deltaWidth = BitPacking.width(stats.maxDelta - stats.minDelta);
    long delta =
        access == Access.SEQUENTIAL
            ? DELTA_HEAD + BitPacking.packedBytes(count - 1, deltaWidth)
            : Long.MAX_VALUE;
    long step = stats.step(values, count);
    long scaled = step > 1 ? scaledBytes(stats, step, count) : Long.MAX_VALUE;
    ValueSet set = width >= LEAST_SET_WIDTH ? ValueSet.of(values, count) : null;
    long inSet = set == null ? Long.MAX_VALUE : setBytes(set, count, width);
    long flat = Math.min(frame, scaled);
    if (runs < flat - flat / 4 && runs <= delta && runs <= inSet) {
      runs(values, count, stats, width, out);
    } else if (delta < flat - flat / 4 && delta <= inSet) {
      delta(values, count, stats.minDelta, deltaWidth, out);
    } else if (set != null && inSet < flat - flat / 4) {
      set(set, count, stats.min, width, out);
    } else if (scaled < frame - frame / 8) {
      scaled(values, count, stats, step, out);
    } else {
      frame(values, count, stats.min, width, out);
    }
  }

  private static long scaledBytes(Stats stats, long step, int count) {
    return SCALED_HEAD
        + BitPacking.packedBytes(count, BitPacking.width((stats.max - stats.min) / step));
  }

  private static long setBytes(ValueSet set, int count, int width) {
    return SET_HEAD
        + FRAME_HEAD
        + BitPacking.packedBytes(set.size(), width)
        + FRAME_HEAD
        + BitPacking.packedBytes(count, BitPacking.width(set.size() - 1L));
  }

  private static void constant(long value, ByteSink out) {
    out.putByte(CONSTANT);
    out.putLong(value);
  }

  private static void frame(long[] values, int count, long min, int width, ByteSink out) {
    long base = width == Long.SIZE ? 0 : min;
    out.putByte(FRAME);
    out.putLong(base);
    out.putByte(width);
    BitPacking.pack(values, count, base, width, out);
  }

  private static void scaled(long[] values, int count, Stats stats, long step, ByteSink out) {
    int width = BitPacking.width((stats.max - stats.min) / step);
    long[] steps = new long[count];
    for (int i = 0; i < count; i++) {
      steps[i] = (values[i] - stats.min) / step;
    }
    out.putByte(SCALED);
    out.putLong(stats.min);
    out.putLong(step);
    out.putByte(width);
    BitPacking.pack(steps, count, 0, width, out);
  }

  private static void set(ValueSet set, int count, long min, int width, ByteSink out) {
    out.putByte(SET);
    out.putShort(set.size());
    frame(set.entries(), set.size(), min, width, out);
    frame(set.codes(), count, 0, BitPacking.width(set.size() - 1L), out);
  }

  private static void delta(long[] values, int count, long minDelta, int width, ByteSink out) {
    long[] deltas = new long[count - 1];
    for (int i = 1; i < count; i++) {
      deltas[i - 1] = values[i] - values[i - 1];
    }
    out.putByte(DELTA);
    out.putLong(values[0]);
    long base = width == Long.SIZE ? 0 : minDelta;
    out.putLong(base);
    out.putByte(width);
    BitPacking.pack(deltas, count - 1, base, width, out);
  }

  private static void runs(long[] values, int count, Stats stats, int width, ByteSink out) {
    out.putByte(RUNS);
    out.putShort(stats.runs);
    long[] runValues = new long[stats.runs];
    int run = 0;
    for (int i = 0; i < count; i++) {
      runValues[run] = values[i];
      if (i + 1 == count || values[i + 1] != values[i]) {
        out.putShort(i + 1);
        run++;
      }
    }
    frame(runValues, stats.runs, stats.min, width, out);
  }

  /** Bytes of the stream of {@code count} values that begins at {@code at}. */
  public static int length(byte[] in, int at, int count) {
    return switch (in[at]) {
      case CONSTANT -> 9;
      case FRAME -> FRAME_HEAD + BitPacking.packedBytes(count, width(in, at + 9));
      case DELTA -> DELTA_HEAD + BitPacking.packedBytes(count - 1, width(in, at + 17));
      case RUNS -> {
        int runs = LittleEndian.getShort(in, at + 1);
        int valuesAt = at + 3 + 2 * runs;
        yield valuesAt - at + length(in, valuesAt, runs);
      }
      case SCALED -> SCALED_HEAD + BitPacking.packedBytes(count, width(in, at + 17));
      case SET -> {
        int codesAt = codesAt(in, at);
        yield codesAt - at + length(in, codesAt, count);
      }
      default -> throw unknown(in[at]);
    };
  }

  /** The i-th value of a stream written for {@link Access#RANDOM}. */
  public static long get(byte[] in, int at, int i) {
    return switch (in[at]) {
      case CONSTANT -> LittleEndian.getLong(in, at + 1);
      case FRAME ->
          LittleEndian.getLong(in, at + 1)
              + BitPacking.get(in, at + FRAME_HEAD, width(in, at + 9), i);
      case RUNS -> {
        int runs = LittleEndian.getShort(in, at + 1);
        yield get(in, at + 3 + 2 * runs, runOf(in, at, runs, i));
      }
      case SCALED ->
          LittleEndian.getLong(in, at + 1)
              + LittleEndian.getLong(in, at + 9)
                  * BitPacking.get(in, at + SCALED_HEAD, width(in, at + 17), i);
      case SET -> get(in, at + SET_HEAD, (int) get(in, codesAt(in, at), i));
      default -> throw unknown(in[at]);
    };
  }

  /** Where the values lie as plain 64-bit words, one behind the other; -1 if they do not. */
  public static int plainAt(byte[] in, int at) {
    return in[at] == FRAME && in[at + 9] == Long.SIZE ? at + FRAME_HEAD : -1;
  }

  /** {@code out[to + i] = value[from + i]} for {@code count} values. */
  public static void decode(byte[] in, int at, int from, int count, long[] out, int to) {
    switch (in[at]) {
      case CONSTANT -> Arrays.fill(out, to, to + count, LittleEndian.getLong(in, at + 1));
      case FRAME -> {
        long base = LittleEndian.getLong(in, at + 1);
        BitPacking.unpack(in, at + FRAME_HEAD, width(in, at + 9), from, count, base, out, to);
      }
      case DELTA -> decodeDeltas(in, at, from, count, out, to);
      case RUNS -> decodeRuns(in, at, from, count, out, to);
      case SCALED -> {
        BitPacking.unpack(in, at + SCALED_HEAD, width(in, at + 17), from, count, 0, out, to);
        long base = LittleEndian.getLong(in, at + 1);
        long step = LittleEndian.getLong(in, at + 9);
        for (int i = to; i < to + count; i++) {
          out[i] = base + step * out[i];
        }
      }
      case SET -> decodeSet(in, at, from, count, out, to);
      default -> throw unknown(in[at]);
    }
  }

  /** As {@link #decode}, for streams whose values are ints. */
  public static void decodeInts(byte[] in, int at, int from, int count, int[] out, int to) {
    switch (in[at]) {
      case CONSTANT -> Arrays.fill(out, to, to + count, (int) LittleEndian.getLong(in, at + 1));
      case FRAME -> {
        int base = (int) LittleEndian.getLong(in, at + 1);
        BitPacking.unpackInts(in, at + FRAME_HEAD, width(in, at + 9), from, count, base, out, to);
      }
      case SCALED -> {
        BitPacking.unpackInts(in, at + SCALED_HEAD, width(in, at + 17), from, count, 0, out, to);
        int base = (int) LittleEndian.getLong(in, at + 1);
        int step = (int) LittleEndian.getLong(in, at + 9);
        for (int i = to; i < to + count; i++) {
          out[i] = base + step * out[i];
        }
      }
      case DELTA, RUNS, SET -> {
        long[] wide = new long[count];
        decode(in, at, from, count, wide, 0);
        for (int i = 0; i < count; i++) {
          out[to + i] = (int) wide[i];
        }
      }
      default -> throw unknown(in[at]);
    }
  }

  private static int codesAt(byte[] in, int at) {
    return at + SET_HEAD + length(in, at + SET_HEAD, LittleEndian.getShort(in, at + 1));
  }

  private static void decodeSet(byte[] in, int at, int from, int count, long[] out, int to) {
    long[] entries = new long[LittleEndian.getShort(in, at + 1)];
    decode(in, at + SET_HEAD, 0, entries.length, entries, 0);
    int codesAt = codesAt(in, at);
    int[] codes = new int[Math.min(CHUNK, count)];
    for (int done = 0; done < count; done += CHUNK) {
      int chunk = Math.min(CHUNK, count - done);
      decodeInts(in, codesAt, from + done, chunk, codes, 0);
      for (int i = 0; i < chunk; i++) {
        out[to + done + i] = entries[codes[i]];
      }
    }
  }

  private static void decodeDeltas(byte[] in, int at, int from, int count, long[] out, int to) {
    if (count == 0) {
      return;
    }
    long base = LittleEndian.getLong(in, at + 9);
    int width = width(in, at + 17);
    long value = LittleEndian.getLong(in, at + 1);
    if (from > 0) {
      long[] before = new long[from];
      BitPacking.unpack(in, at + DELTA_HEAD, width, 0, from, base, before, 0);
      for (long difference : before) {
        value += difference;
      }
    }
    BitPacking.unpack(in, at + DELTA_HEAD, width, from, count - 1, base, out, to + 1);
    out[to] = value;
    for (int i = to + 1; i < to + count; i++) {
      value += out[i];
      out[i] = value;
    }
  }

  private static void decodeRuns(byte[] in, int at, int from, int count, long[] out, int to) {
    int runs = LittleEndian.getShort(in, at + 1);
    int valuesAt = at + 3 + 2 * runs;
    int end = from + count;
    int row = from;
    for (int run = runOf(in, at, runs, from); row < end; run++) {
      int runEnd = Math.min(end, LittleEndian.getShort(in, at + 3 + 2 * run));
      if (runEnd <= row) {
        throw new IndexOutOfBoundsException("runs of an integer stream do not ascend");
      }
      Arrays.fill(out, to + row - from, to + runEnd - from, get(in, valuesAt, run));
      row = runEnd;
    }
  }

  /** The run that holds value i: the first that ends after it. */
  private static int runOf(byte[] in, int at, int runs, int i) {
    int low = 0;
    int high = runs;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (LittleEndian.getShort(in, at + 3 + 2 * middle) <= i) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int width(byte[] in, int at) {
    int width = in[at];
    if (width < 0 || width > Long.SIZE || (width > 56 && width < Long.SIZE)) {
      throw new IndexOutOfBoundsException("bit width " + width);
    }
    return width;
  }

  private static IndexOutOfBoundsException unknown(byte kind) {
    return new IndexOutOfBoundsException("unknown kind of integer stream " + kind);
  }

  /** What the choice of an encoding needs to know. */
  private record Stats(long min, long max, int runs, long minDelta, long maxDelta) {

    /**
     * What all values are a multiple of, counted from the least; 1 when that is nothing special.
     */
    long step(long[] values, int count) {
      if (max - min < 0) {
        return 1; // further apart than a long can say
      }
      long step = 0;
      for (int i = 0; i < count && step != 1; i++) {
        step = greatestDivisor(values[i] - min, step);
      }
      return step;
    }

    private static long greatestDivisor(long a, long b) {
      long x = a;
      long y = b;
      while (y != 0) {
        long rest = x % y;
        x = y;
        y = rest;
      }
      return x;
    }

    static Stats of(long[] values, int count) {
      long min = values[0];
      long max = values[0];
      long minDelta = Long.MAX_VALUE;
      long maxDelta = Long.MIN_VALUE;
      int runs = 1;
      for (int i = 1; i < count; i++) {
        long value = values[i];
        long delta = value - values[i - 1];
        min = Math.min(min, value);
        max = Math.max(max, value);
        minDelta = Math.min(minDelta, delta);
        maxDelta = Math.max(maxDelta, delta);
        runs += delta == 0 ? 0 : 1;
      }
      return new Stats(min, max, runs, minDelta, maxDelta);
    }
  }
}

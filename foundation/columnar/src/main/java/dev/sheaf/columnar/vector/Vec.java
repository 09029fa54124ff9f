package dev.sheaf.columnar.vector;

import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A column of values in Arrow's layout on the heap: plain arrays that C2 vectorises, plus a
 * validity bitmap.
 *
 * <p>{@code validity} is null when no value is null; else bit {@code i & 63} of word {@code i >>>
 * 6} is 1 when value i is present. Slots of null values hold arbitrary, harmless content. A
 * vector's arrays may be longer than {@code size}. Vectors are treated as immutable once handed on;
 * they may share arrays. Not thread-safe while being filled, freely shared afterwards.
 */
public sealed interface Vec {

  PhysicalType type();

  /** Number of values. */
  int size();

  long @Nullable [] validity();

  default boolean isNull(int i) {
    long[] words = validity();
    return words != null && (words[i >>> 6] & (1L << (i & 63))) == 0;
  }

  default boolean hasNulls() {
    return validity() != null;
  }

  /**
   * The Java form of value i (see {@link PhysicalType}); null = NULL. For edges and tests, not for
   * loops.
   */
  @Nullable Object value(int i);

  /** Bytes this vector keeps alive, for memory accounting (shared arrays count in full). */
  long sizeBytes();

  /** BOOL: values 0 or 1. */
  record BoolVec(byte[] values, long @Nullable [] validity, int size) implements Vec {
    @Override
    public PhysicalType type() {
      return PhysicalType.BOOL;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : values[i] != 0;
    }

    @Override
    public long sizeBytes() {
      return values.length + Validity.sizeBytes(validity);
    }
  }

  /** INT. */
  record IntVec(int[] values, long @Nullable [] validity, int size) implements Vec {
    @Override
    public PhysicalType type() {
      return PhysicalType.INT;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : values[i];
    }

    @Override
    public long sizeBytes() {
      return 4L * values.length + Validity.sizeBytes(validity);
    }
  }

  /** LONG. */
  record LongVec(long[] values, long @Nullable [] validity, int size) implements Vec {
    @Override
    public PhysicalType type() {
      return PhysicalType.LONG;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : values[i];
    }

    @Override
    public long sizeBytes() {
      return 8L * values.length + Validity.sizeBytes(validity);
    }
  }

  /**
   * INT128: two's complement, high and low words apart. Where all values are known to fit into 64
   * bits the vector is <i>narrow</i>: the high words are made only when somebody asks for them.
   */
  final class Int128Vec implements Vec {
    private volatile long @Nullable [] high;
    private final long[] low;
    private final long @Nullable [] validity;
    private final int size;
    private final boolean narrow;

    public Int128Vec(long[] high, long[] low, long @Nullable [] validity, int size) {
      this(high, low, validity, size, false);
    }

    private Int128Vec(
        long @Nullable [] high, long[] low, long @Nullable [] validity, int size, boolean narrow) {
      this.high = high;
      this.low = low;
      this.validity = validity;
      this.size = size;
      this.narrow = narrow;
    }

    /** Values that fit into 64 bits, those in slots of NULLs as well. */
    public static Int128Vec narrow(long[] values, long @Nullable [] validity, int size) {
      return new Int128Vec(null, values, validity, size, true);
    }

    /** Whether {@link #low} alone are the values, as signed numbers. */
    public boolean isNarrow() {
      return narrow;
    }

    public long[] high() {
      long[] words = high;
      if (words == null) {
        words = new long[low.length];
        for (int i = 0; i < size; i++) {
          words[i] = low[i] >> 63;
        }
        high = words;
      }
      return words;
    }

    public long[] low() {
      return low;
    }

    @Override
    public long @Nullable [] validity() {
      return validity;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public PhysicalType type() {
      return PhysicalType.INT128;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : toBigInteger(high()[i], low[i]);
    }

    public static BigInteger toBigInteger(long high, long low) {
      BigInteger unsignedLow =
          low >= 0
              ? BigInteger.valueOf(low)
              : BigInteger.valueOf(low).add(BigInteger.ONE.shiftLeft(64));
      return BigInteger.valueOf(high).shiftLeft(64).add(unsignedLow);
    }

    @Override
    public long sizeBytes() {
      return 16L * low.length + Validity.sizeBytes(validity);
    }
  }

  /** DOUBLE. */
  record DoubleVec(double[] values, long @Nullable [] validity, int size) implements Vec {
    @Override
    public PhysicalType type() {
      return PhysicalType.DOUBLE;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : values[i];
    }

    @Override
    public long sizeBytes() {
      return 8L * values.length + Validity.sizeBytes(validity);
    }
  }

  /**
   * BYTES as views: value i is {@code data[start[i] .. start[i] + length[i])}. Gathering or
   * filtering copies views, never bytes. When the column is dictionary-coded, {@code codes[i]} is
   * the entry of value i and equal codes mean equal bytes (entries are distinct; the code of a null
   * is arbitrary but in range), so that predicates and group keys can work per entry.
   *
   * @param codes null when not dictionary-coded
   * @param dictionary the entries, without nulls; null when {@code codes} is
   */
  record BytesVec(
      byte[] data,
      int[] start,
      int[] length,
      int @Nullable [] codes,
      @Nullable BytesVec dictionary,
      long @Nullable [] validity,
      int size)
      implements Vec {

    /** Plain views, no dictionary. */
    public static BytesVec of(
        byte[] data, int[] start, int[] length, long @Nullable [] validity, int size) {
      return new BytesVec(data, start, length, null, null, validity, size);
    }

    @Override
    public PhysicalType type() {
      return PhysicalType.BYTES;
    }

    @Override
    public @Nullable Object value(int i) {
      return isNull(i) ? null : bytes(i);
    }

    /** A copy of value i's bytes. */
    public byte[] bytes(int i) {
      return java.util.Arrays.copyOfRange(data, start[i], start[i] + length[i]);
    }

    @Override
    public long sizeBytes() {
      return data.length
          + 8L * start.length
          + (codes == null ? 0 : 4L * codes.length)
          + Validity.sizeBytes(validity);
    }
  }
}

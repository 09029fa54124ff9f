package dev.sheaf.compute.storage;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Builds a vector value by value from Java forms (see {@link PhysicalType}). For rows that arrive
 * one by one, not for scans. Grows as needed; used by one thread; use it once.
 */
public final class VecBuilder {
  private final PhysicalType type;
  private int size;
  private long @Nullable [] validity;
  private byte[] bytes = {};
  private int[] ints = {};
  private int[] lengths = {};
  private long[] longs = {};
  private long[] lows = {};
  private double[] doubles = {};
  private int dataEnd;

  public VecBuilder(PhysicalType type, int capacity) {
    this.type = type;
    switch (type) {
      case BOOL -> bytes = new byte[capacity];
      case INT -> ints = new int[capacity];
      case LONG -> longs = new long[capacity];
      case INT128 -> {
        longs = new long[capacity];
        lows = new long[capacity];
      }
      case DOUBLE -> doubles = new double[capacity];
      case BYTES -> {
        ints = new int[capacity];
        lengths = new int[capacity];
        bytes = new byte[capacity * 8];
      }
    }
  }

  /** A vector of {@code size} times the same value. */
  public static Vec constant(PhysicalType type, @Nullable Object value, int size) {
    if (type == PhysicalType.BYTES && value != null) {
      byte[] data = (byte[]) value;
      int[] lengths = new int[size];
      Arrays.fill(lengths, data.length);
      return Vec.BytesVec.of(data, new int[size], lengths, null, size);
    }
    var builder = new VecBuilder(type, size);
    for (int i = 0; i < size; i++) {
      builder.append(value);
    }
    return builder.build();
  }

  public static Vec empty(PhysicalType type) {
    return new VecBuilder(type, 0).build();
  }

  public int size() {
    return size;
  }

  public void append(@Nullable Object value) {
    if (value == null) {
      appendNull();
      return;
    }
    int i = addValid();
    switch (type) {
      case BOOL -> {
        bytes = room(bytes, i);
        bytes[i] = (byte) ((Boolean) value ? 1 : 0);
      }
      case INT -> {
        ints = room(ints, i);
        ints[i] = (Integer) value;
      }
      case LONG -> {
        longs = room(longs, i);
        longs[i] = (Long) value;
      }
      case INT128 -> {
        BigInteger wide = (BigInteger) value;
        longs = room(longs, i);
        lows = room(lows, i);
        longs[i] = wide.shiftRight(64).longValue();
        lows[i] = wide.longValue();
      }
      case DOUBLE -> {
        doubles = room(doubles, i);
        doubles[i] = (Double) value;
      }
      case BYTES -> setBytes(i, (byte[]) value, 0, ((byte[]) value).length);
    }
  }

  /** Appends a value of a builder of INT or LONG. */
  public void appendNumber(long value) {
    int i = addValid();
    if (type == PhysicalType.INT) {
      ints = room(ints, i);
      ints[i] = (int) value;
    } else {
      longs = room(longs, i);
      longs[i] = value;
    }
  }

  /** Appends a value of a builder of BYTES. */
  public void appendBytes(byte[] data, int from, int length) {
    setBytes(addValid(), data, from, length);
  }

  private int addValid() {
    int i = size++;
    if (validity != null) {
      growValidity();
      Validity.setValid(validity, i);
    }
    return i;
  }

  private void setBytes(int i, byte[] data, int from, int length) {
    ints = room(ints, i);
    lengths = room(lengths, i);
    if (dataEnd + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, dataEnd + length));
    }
    System.arraycopy(data, from, bytes, dataEnd, length);
    ints[i] = dataEnd;
    lengths[i] = length;
    dataEnd += length;
  }

  private void appendNull() {
    int i = size++;
    if (validity == null) {
      validity = Validity.allValid(Math.max(size, 64));
    }
    growValidity();
    Validity.setNull(validity, i);
    switch (type) {
      case BOOL -> bytes = room(bytes, i);
      case INT -> ints = room(ints, i);
      case LONG -> longs = room(longs, i);
      case INT128 -> {
        longs = room(longs, i);
        lows = room(lows, i);
      }
      case DOUBLE -> doubles = room(doubles, i);
      case BYTES -> {
        ints = room(ints, i);
        lengths = room(lengths, i);
      }
    }
  }

  private void growValidity() {
    long[] words = java.util.Objects.requireNonNull(validity);
    if (Validity.words(size) > words.length) {
      long[] grown = Arrays.copyOf(words, words.length * 2);
      Arrays.fill(grown, words.length, grown.length, -1L);
      validity = grown;
    }
  }

  public Vec build() {
    return switch (type) {
      case BOOL -> new Vec.BoolVec(bytes, validity, size);
      case INT -> new Vec.IntVec(ints, validity, size);
      case LONG -> new Vec.LongVec(longs, validity, size);
      case INT128 -> new Vec.Int128Vec(longs, lows, validity, size);
      case DOUBLE -> new Vec.DoubleVec(doubles, validity, size);
      case BYTES -> Vec.BytesVec.of(bytes, ints, lengths, validity, size);
    };
  }

  private static byte[] room(byte[] array, int i) {
    return i < array.length ? array : Arrays.copyOf(array, Math.max(16, array.length * 2));
  }

  private static int[] room(int[] array, int i) {
    return i < array.length ? array : Arrays.copyOf(array, Math.max(16, array.length * 2));
  }

  private static long[] room(long[] array, int i) {
    return i < array.length ? array : Arrays.copyOf(array, Math.max(16, array.length * 2));
  }

  private static double[] room(double[] array, int i) {
    return i < array.length ? array : Arrays.copyOf(array, Math.max(16, array.length * 2));
  }
}

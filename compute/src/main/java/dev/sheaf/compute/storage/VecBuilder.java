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
    int i = size++;
    if (validity != null) {
      growValidity();
      Validity.setValid(validity, i);
    }
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
      case BYTES -> appendBytes(i, (byte[]) value);
    }
  }

  private void appendBytes(int i, byte[] value) {
    ints = room(ints, i);
    lengths = room(lengths, i);
    if (dataEnd + value.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, dataEnd + value.length));
    }
    System.arraycopy(value, 0, bytes, dataEnd, value.length);
    ints[i] = dataEnd;
    lengths[i] = value.length;
    dataEnd += value.length;
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

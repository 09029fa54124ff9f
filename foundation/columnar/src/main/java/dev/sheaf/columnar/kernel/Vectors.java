package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes vectors out of single values. Pure. */
public final class Vectors {
  private Vectors() {}

  /** A vector of Java values (see {@link PhysicalType}), null = NULL. */
  public static Vec of(PhysicalType type, List<? extends @Nullable Object> values) {
    return of(type, values.toArray());
  }

  /** As the other. */
  public static Vec of(PhysicalType type, @Nullable Object[] values) {
    int n = values.length;
    long @Nullable [] validity = validityOf(values);
    return switch (type) {
      case BOOL -> {
        byte[] out = new byte[n];
        for (int i = 0; i < n; i++) {
          out[i] = (byte) (values[i] instanceof Boolean b && b ? 1 : 0);
        }
        yield new BoolVec(out, validity, n);
      }
      case INT -> {
        int[] out = new int[n];
        for (int i = 0; i < n; i++) {
          out[i] = values[i] == null ? 0 : (Integer) values[i];
        }
        yield new IntVec(out, validity, n);
      }
      case LONG -> {
        long[] out = new long[n];
        for (int i = 0; i < n; i++) {
          out[i] = values[i] == null ? 0 : (Long) values[i];
        }
        yield new LongVec(out, validity, n);
      }
      case INT128 -> {
        long[] high = new long[n];
        long[] low = new long[n];
        for (int i = 0; i < n; i++) {
          BigInteger v = values[i] == null ? BigInteger.ZERO : (BigInteger) values[i];
          high[i] = v.shiftRight(64).longValue();
          low[i] = v.longValue();
        }
        yield new Int128Vec(high, low, validity, n);
      }
      case DOUBLE -> {
        double[] out = new double[n];
        for (int i = 0; i < n; i++) {
          out[i] = values[i] == null ? 0 : (Double) values[i];
        }
        yield new DoubleVec(out, validity, n);
      }
      case BYTES -> bytes(values, validity);
    };
  }

  private static long @Nullable [] validityOf(@Nullable Object[] values) {
    long @Nullable [] validity = null;
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        if (validity == null) {
          validity = Validity.allValid(values.length);
        }
        Validity.setNull(validity, i);
      }
    }
    return validity;
  }

  private static BytesVec bytes(@Nullable Object[] values, long @Nullable [] validity) {
    var out = new BytesBuilder(values.length);
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        out.set(i, (byte[]) values[i]);
      }
    }
    return out.build(validity);
  }

  /** {@code size} copies of a value; text has a one-entry dictionary. */
  public static Vec constant(PhysicalType type, @Nullable Object value, int size) {
    if (value == null) {
      return nulls(type, size);
    }
    return switch (type) {
      case BOOL -> {
        byte[] out = new byte[size];
        Arrays.fill(out, (byte) ((Boolean) value ? 1 : 0));
        yield new BoolVec(out, null, size);
      }
      case INT -> {
        int[] out = new int[size];
        Arrays.fill(out, (Integer) value);
        yield new IntVec(out, null, size);
      }
      case LONG -> {
        long[] out = new long[size];
        Arrays.fill(out, (Long) value);
        yield new LongVec(out, null, size);
      }
      case INT128 -> {
        long[] high = new long[size];
        long[] low = new long[size];
        Arrays.fill(high, ((BigInteger) value).shiftRight(64).longValue());
        Arrays.fill(low, ((BigInteger) value).longValue());
        yield new Int128Vec(high, low, null, size);
      }
      case DOUBLE -> {
        double[] out = new double[size];
        Arrays.fill(out, (Double) value);
        yield new DoubleVec(out, null, size);
      }
      case BYTES -> {
        byte[] data = (byte[]) value;
        int[] lengths = new int[size];
        Arrays.fill(lengths, data.length);
        var dictionary = BytesVec.of(data, new int[1], new int[] {data.length}, null, 1);
        yield new BytesVec(data, new int[size], lengths, new int[size], dictionary, null, size);
      }
    };
  }

  /** {@code size} NULLs. */
  public static Vec nulls(PhysicalType type, int size) {
    long[] none = new long[Validity.words(size)];
    return switch (type) {
      case BOOL -> new BoolVec(new byte[size], none, size);
      case INT -> new IntVec(new int[size], none, size);
      case LONG -> new LongVec(new long[size], none, size);
      case INT128 -> new Int128Vec(new long[size], new long[size], none, size);
      case DOUBLE -> new DoubleVec(new double[size], none, size);
      case BYTES -> BytesVec.of(new byte[0], new int[size], new int[size], none, size);
    };
  }

  /** The same values with another validity. */
  public static Vec withValidity(Vec vec, long @Nullable [] validity) {
    return switch (vec) {
      case BoolVec v -> new BoolVec(v.values(), validity, v.size());
      case IntVec v -> new IntVec(v.values(), validity, v.size());
      case LongVec v -> new LongVec(v.values(), validity, v.size());
      case Int128Vec v -> new Int128Vec(v.high(), v.low(), validity, v.size());
      case DoubleVec v -> new DoubleVec(v.values(), validity, v.size());
      case BytesVec v ->
          new BytesVec(
              v.data(), v.start(), v.length(), v.codes(), v.dictionary(), validity, v.size());
    };
  }

  /** The first {@code size} values, sharing the arrays. */
  public static Vec prefix(Vec vec, int size) {
    if (vec.size() == size) {
      return vec;
    }
    return switch (vec) {
      case BoolVec v -> new BoolVec(v.values(), v.validity(), size);
      case IntVec v -> new IntVec(v.values(), v.validity(), size);
      case LongVec v -> new LongVec(v.values(), v.validity(), size);
      case Int128Vec v -> new Int128Vec(v.high(), v.low(), v.validity(), size);
      case DoubleVec v -> new DoubleVec(v.values(), v.validity(), size);
      case BytesVec v ->
          new BytesVec(
              v.data(), v.start(), v.length(), v.codes(), v.dictionary(), v.validity(), size);
    };
  }
}

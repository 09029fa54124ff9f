package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Columns from single values, for the few rows of a statement's parameters and for tests. Pure. */
public final class VecFiller {
  private VecFiller() {}

  /** Values in the Java form that {@link PhysicalType} names; null = NULL. */
  public static Vec of(PhysicalType type, @Nullable Object[] values) {
    int n = values.length;
    long[] validity = validity(values);
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
          out[i] = values[i] instanceof Integer v ? v : 0;
        }
        yield new IntVec(out, validity, n);
      }
      case LONG -> {
        long[] out = new long[n];
        for (int i = 0; i < n; i++) {
          out[i] = values[i] instanceof Long v ? v : 0;
        }
        yield new LongVec(out, validity, n);
      }
      case DOUBLE -> {
        double[] out = new double[n];
        for (int i = 0; i < n; i++) {
          out[i] = values[i] instanceof Double v ? v : 0;
        }
        yield new DoubleVec(out, validity, n);
      }
      case INT128 -> wide(values, validity);
      case BYTES -> bytes(values, validity);
    };
  }

  private static long @Nullable [] validity(@Nullable Object[] values) {
    long[] validity = Validity.allValid(values.length);
    boolean nulls = false;
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        Validity.setNull(validity, i);
        nulls = true;
      }
    }
    return nulls ? validity : null;
  }

  private static Vec wide(@Nullable Object[] values, long @Nullable [] validity) {
    long[] high = new long[values.length];
    long[] low = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof BigInteger v) {
        high[i] = v.shiftRight(64).longValue();
        low[i] = v.longValue();
      }
    }
    return new Int128Vec(high, low, validity, values.length);
  }

  private static Vec bytes(@Nullable Object[] values, long @Nullable [] validity) {
    var data = new ByteArrayOutputStream();
    int[] start = new int[values.length];
    int[] length = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      start[i] = data.size();
      if (values[i] instanceof byte[] v) {
        data.writeBytes(v);
        length[i] = v.length;
      }
    }
    return BytesVec.of(data.toByteArray(), start, length, validity, values.length);
  }
}

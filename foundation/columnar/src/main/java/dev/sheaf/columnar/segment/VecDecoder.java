package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Turns consecutive slices of a column into one vector of fixed-width values; {@link BytesDecoder}
 * does BYTES. Malformed pages are {@link IndexOutOfBoundsException}s. Pure.
 */
final class VecDecoder {
  /** Intermediate values that stay in the first-level cache. */
  private static final int CHUNK = 512;

  private VecDecoder() {}

  static Vec bools(Slice[] slices, int count) {
    int[] wide = intValues(slices, count);
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) wide[i];
    }
    return new BoolVec(values, validity(slices, count), count);
  }

  static Vec ints(Slice[] slices, int count) {
    return new IntVec(intValues(slices, count), validity(slices, count), count);
  }

  static Vec longs(Slice[] slices, int count) {
    return new LongVec(longValues(slices, count), validity(slices, count), count);
  }

  static Vec int128s(Slice[] slices, int count) {
    long[] high = new long[count];
    long[] low = new long[count];
    int to = 0;
    for (Slice slice : slices) {
      PageBody body = slice.body();
      if (body.kind() != Page.ALL_NULL) {
        expect(body, Page.INT128);
        int lowAt = body.at() + IntegerStream.length(body.bytes(), body.at(), slice.rows());
        IntegerStream.decode(body.bytes(), body.at(), slice.from(), slice.count(), high, to);
        IntegerStream.decode(body.bytes(), lowAt, slice.from(), slice.count(), low, to);
      }
      to += slice.count();
    }
    return new Int128Vec(high, low, validity(slices, count), count);
  }

  static Vec doubles(Slice[] slices, int count) {
    double[] values = new double[count];
    int to = 0;
    for (Slice slice : slices) {
      PageBody body = slice.body();
      if (body.kind() == Page.DECIMALS) {
        decimals(slice, values, to);
      } else if (body.kind() != Page.ALL_NULL) {
        expect(body, Page.DOUBLES);
        bits(slice, values, to);
      }
      to += slice.count();
    }
    return new DoubleVec(values, validity(slices, count), count);
  }

  private static void decimals(Slice slice, double[] values, int to) {
    byte[] bytes = slice.body().bytes();
    int at = slice.body().at();
    double power = DoubleColumnWriter.power(bytes[at]);
    long[] mantissas = new long[Math.min(CHUNK, slice.count())];
    for (int done = 0; done < slice.count(); done += CHUNK) {
      int count = Math.min(CHUNK, slice.count() - done);
      IntegerStream.decode(bytes, at + 1, slice.from() + done, count, mantissas, 0);
      for (int i = 0; i < count; i++) {
        values[to + done + i] = mantissas[i] / power;
      }
    }
  }

  private static void bits(Slice slice, double[] values, int to) {
    byte[] bytes = slice.body().bytes();
    int at = slice.body().at();
    int plainAt = IntegerStream.plainAt(bytes, at);
    if (plainAt >= 0) {
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .position(plainAt + 8 * slice.from())
          .asDoubleBuffer()
          .get(values, to, slice.count());
      return;
    }
    long[] bits = new long[Math.min(CHUNK, slice.count())];
    for (int done = 0; done < slice.count(); done += CHUNK) {
      int count = Math.min(CHUNK, slice.count() - done);
      IntegerStream.decode(bytes, at, slice.from() + done, count, bits, 0);
      for (int i = 0; i < count; i++) {
        values[to + done + i] = Double.longBitsToDouble(bits[i]);
      }
    }
  }

  static long[] longValues(Slice[] slices, int count) {
    long[] values = new long[count];
    int to = 0;
    for (Slice slice : slices) {
      PageBody body = slice.body();
      if (body.kind() != Page.ALL_NULL) {
        expect(body, Page.INTEGERS);
        IntegerStream.decode(body.bytes(), body.at(), slice.from(), slice.count(), values, to);
      }
      to += slice.count();
    }
    return values;
  }

  private static int[] intValues(Slice[] slices, int count) {
    int[] values = new int[count];
    int to = 0;
    for (Slice slice : slices) {
      PageBody body = slice.body();
      if (body.kind() != Page.ALL_NULL) {
        expect(body, Page.INTEGERS);
        IntegerStream.decodeInts(body.bytes(), body.at(), slice.from(), slice.count(), values, to);
      }
      to += slice.count();
    }
    return values;
  }

  /** Null when no row is NULL. */
  static long @Nullable [] validity(Slice[] slices, int count) {
    long[] validity = null;
    int to = 0;
    for (Slice slice : slices) {
      if (slice.body().mayHaveNulls()) {
        validity = validity == null ? Validity.allValid(count) : validity;
        slice.body().markNulls(slice.from(), slice.count(), validity, to);
      }
      to += slice.count();
    }
    return Validity.countNulls(validity, count) == 0 ? null : validity;
  }

  static void expect(PageBody body, int kind) {
    if (body.kind() != kind) {
      throw new IndexOutOfBoundsException("page of kind " + body.kind() + ", not " + kind);
    }
  }
}

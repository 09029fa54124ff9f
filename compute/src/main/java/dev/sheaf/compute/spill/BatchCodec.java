package dev.sheaf.compute.spill;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import org.jspecify.annotations.Nullable;

/**
 * Dense batches as bytes, little-endian: {@code u32 rows}, then for every column {@code u8
 * hasNulls}, the validity words if so, and the values as they lie in their arrays; of BYTES all
 * lengths, then all bytes. It lasts as long as a query, so it has no version. Pure.
 */
final class BatchCodec {
  private BatchCodec() {}

  static void encode(Batch batch, ByteSink out) {
    int n = batch.rows();
    out.putInt(n);
    for (Vec vec : batch.columns()) {
      long[] validity = vec.validity();
      out.putByte(validity == null ? 0 : 1);
      if (validity != null) {
        putLongs(validity, Validity.words(n), out);
      }
      switch (vec) {
        case BoolVec v -> out.putBytes(v.values(), 0, n);
        case IntVec v -> putInts(v.values(), n, out);
        case LongVec v -> putLongs(v.values(), n, out);
        case DoubleVec v -> {
          int at = out.reserve(8 * n);
          for (int i = 0; i < n; i++) {
            LittleEndian.putLong(
                out.array(), at + 8 * i, Double.doubleToRawLongBits(v.values()[i]));
          }
        }
        case Int128Vec v -> {
          putLongs(v.high(), n, out);
          putLongs(v.low(), n, out);
        }
        case BytesVec v -> {
          putInts(v.length(), n, out);
          for (int i = 0; i < n; i++) {
            out.putBytes(v.data(), v.start()[i], v.length()[i]);
          }
        }
      }
    }
  }

  private static void putInts(int[] values, int n, ByteSink out) {
    int at = out.reserve(4 * n);
    byte[] bytes = out.array();
    for (int i = 0; i < n; i++) {
      LittleEndian.putInt(bytes, at + 4 * i, values[i]);
    }
  }

  private static void putLongs(long[] values, int n, ByteSink out) {
    int at = out.reserve(8 * n);
    byte[] bytes = out.array();
    for (int i = 0; i < n; i++) {
      LittleEndian.putLong(bytes, at + 8 * i, values[i]);
    }
  }

  /**
   * @param block what {@link #encode} has written, unharmed; text of the batch shares it
   */
  static Batch decode(byte[] block, PhysicalType[] types) {
    int n = LittleEndian.getInt(block, 0);
    int at = 4;
    Vec[] columns = new Vec[types.length];
    for (int c = 0; c < columns.length; c++) {
      long @Nullable [] validity = null;
      if (block[at++] != 0) {
        validity = longs(block, at, Validity.words(n));
        at += 8 * validity.length;
      }
      switch (types[c]) {
        case BOOL -> {
          byte[] values = java.util.Arrays.copyOfRange(block, at, at + n);
          columns[c] = new BoolVec(values, validity, n);
          at += n;
        }
        case INT -> {
          columns[c] = new IntVec(ints(block, at, n), validity, n);
          at += 4 * n;
        }
        case LONG -> {
          columns[c] = new LongVec(longs(block, at, n), validity, n);
          at += 8 * n;
        }
        case DOUBLE -> {
          double[] values = new double[n];
          for (int i = 0; i < n; i++) {
            values[i] = Double.longBitsToDouble(LittleEndian.getLong(block, at + 8 * i));
          }
          columns[c] = new DoubleVec(values, validity, n);
          at += 8 * n;
        }
        case INT128 -> {
          columns[c] = new Int128Vec(longs(block, at, n), longs(block, at + 8 * n, n), validity, n);
          at += 16 * n;
        }
        case BYTES -> {
          int[] length = ints(block, at, n);
          at += 4 * n;
          int[] start = new int[n];
          for (int i = 0; i < n; i++) {
            start[i] = at;
            at += length[i];
          }
          columns[c] = BytesVec.of(block, start, length, validity, n);
        }
      }
    }
    return Batch.of(columns, n);
  }

  private static int[] ints(byte[] in, int at, int n) {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      out[i] = LittleEndian.getInt(in, at + 4 * i);
    }
    return out;
  }

  private static long[] longs(byte[] in, int at, int n) {
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      out[i] = LittleEndian.getLong(in, at + 8 * i);
    }
    return out;
  }
}

package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Vectors;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts a result together from vectors that each hold the values of some rows, at the rows' own
 * positions; rows in no part are NULL. Serves CASE and COALESCE.
 */
final class Merge {
  private record Part(Vec vec, Batch rows) {}

  private final PhysicalType type;
  private final int size;
  private final List<Part> parts = new ArrayList<>();

  Merge(PhysicalType type, int size) {
    this.type = type;
    this.size = size;
  }

  /** The live rows of {@code rows} take their values from {@code vec}. */
  void add(Vec vec, Batch rows) {
    if (!rows.isEmpty()) {
      parts.add(new Part(vec, rows));
    }
  }

  Vec build() {
    if (parts.isEmpty()) {
      return Vectors.nulls(type, size);
    }
    if (parts.size() == 1 && parts.get(0).rows().selected() == size) {
      return parts.get(0).vec();
    }
    long[] validity = new long[Validity.words(size)];
    for (Part part : parts) {
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        if (!part.vec().isNull(i)) {
          Validity.setValid(validity, i);
        }
      }
    }
    return switch (type) {
      case BOOL -> new BoolVec(bools(), validity, size);
      case INT -> new IntVec(ints(), validity, size);
      case LONG -> new LongVec(longs(), validity, size);
      case DOUBLE -> new DoubleVec(doubles(), validity, size);
      case INT128 -> wide(validity);
      case BYTES -> bytes(validity);
    };
  }

  private byte[] bools() {
    byte[] out = new byte[size];
    for (Part part : parts) {
      byte[] in = ((BoolVec) part.vec()).values();
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        out[i] = in[i];
      }
    }
    return out;
  }

  private int[] ints() {
    int[] out = new int[size];
    for (Part part : parts) {
      int[] in = ((IntVec) part.vec()).values();
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        out[i] = in[i];
      }
    }
    return out;
  }

  private long[] longs() {
    long[] out = new long[size];
    for (Part part : parts) {
      long[] in = ((LongVec) part.vec()).values();
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        out[i] = in[i];
      }
    }
    return out;
  }

  private double[] doubles() {
    double[] out = new double[size];
    for (Part part : parts) {
      double[] in = ((DoubleVec) part.vec()).values();
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        out[i] = in[i];
      }
    }
    return out;
  }

  private Vec wide(long[] validity) {
    long[] high = new long[size];
    long[] low = new long[size];
    for (Part part : parts) {
      Int128Vec in = (Int128Vec) part.vec();
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        high[i] = in.high()[i];
        low[i] = in.low()[i];
      }
    }
    return new Int128Vec(high, low, validity, size);
  }

  /** Copies the values, or a part's whole bytes where that is less. */
  private Vec bytes(long[] validity) {
    int[] start = new int[size];
    int[] length = new int[size];
    byte[] data = new byte[256];
    int used = 0;
    for (Part part : parts) {
      BytesVec in = (BytesVec) part.vec();
      long valueBytes = 0;
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        valueBytes += in.isNull(i) ? 0 : in.length()[i];
      }
      boolean whole = in.data().length <= valueBytes;
      int adding = Math.toIntExact(whole ? in.data().length : valueBytes);
      if (adding > data.length - used) {
        data = Arrays.copyOf(data, Math.max(Math.addExact(used, adding), data.length * 2));
      }
      int base = used;
      if (whole) {
        System.arraycopy(in.data(), 0, data, used, adding);
        used += adding;
      }
      for (int k = 0; k < part.rows().selected(); k++) {
        int i = part.rows().row(k);
        if (!in.isNull(i)) {
          length[i] = in.length()[i];
          start[i] = whole ? base + in.start()[i] : used;
          if (!whole) {
            System.arraycopy(in.data(), in.start()[i], data, used, length[i]);
            used += length[i];
          }
        }
      }
    }
    return BytesVec.of(data, start, length, validity, size);
  }
}

package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import org.jspecify.annotations.Nullable;

/** Copies chosen rows: out[k] = in[rows[k]]. Text is not copied: views share the bytes. Pure. */
public final class Gather {
  private Gather() {}

  /** The batch without its selection: its live rows, dense. */
  public static Batch compact(Batch batch) {
    int[] selection = batch.selection();
    if (selection == null) {
      return batch;
    }
    Vec[] out = new Vec[batch.columns().length];
    for (int c = 0; c < out.length; c++) {
      out[c] = take(batch.column(c), selection, batch.selected());
    }
    return Batch.of(out, batch.selected());
  }

  public static Vec take(Vec vec, int[] rows, int count) {
    long @Nullable [] validity = takeValidity(vec.validity(), rows, count);
    return switch (vec) {
      case BoolVec v -> new BoolVec(take(v.values(), rows, count), validity, count);
      case IntVec v -> new IntVec(take(v.values(), rows, count), validity, count);
      case LongVec v -> new LongVec(take(v.values(), rows, count), validity, count);
      case DoubleVec v -> new DoubleVec(take(v.values(), rows, count), validity, count);
      case Int128Vec v when v.isNarrow() ->
          Int128Vec.narrow(take(v.low(), rows, count), validity, count);
      case Int128Vec v ->
          new Int128Vec(take(v.high(), rows, count), take(v.low(), rows, count), validity, count);
      case BytesVec v -> {
        int[] codes = v.codes();
        yield new BytesVec(
            v.data(),
            take(v.start(), rows, count),
            take(v.length(), rows, count),
            codes == null ? null : take(codes, rows, count),
            v.dictionary(),
            validity,
            count);
      }
    };
  }

  /** As {@link #take}; a negative row number gives NULL. */
  public static Vec takeOrNull(Vec vec, int[] rows, int count) {
    if (vec.size() == 0) {
      return Vectors.nulls(vec.type(), count);
    }
    int[] safe = new int[count];
    long[] present = Validity.allValid(count);
    for (int k = 0; k < count; k++) {
      safe[k] = Math.max(rows[k], 0);
      if (rows[k] < 0) {
        Validity.setNull(present, k);
      }
    }
    Vec taken = take(vec, safe, count);
    return Vectors.withValidity(taken, Validity.and(taken.validity(), present, count));
  }

  private static long @Nullable [] takeValidity(long @Nullable [] validity, int[] rows, int count) {
    if (validity == null) {
      return null;
    }
    long[] out = new long[Validity.words(count)];
    for (int k = 0; k < count; k++) {
      int i = rows[k];
      out[k >>> 6] |= ((validity[i >>> 6] >>> (i & 63)) & 1L) << (k & 63);
    }
    return out;
  }

  private static byte[] take(byte[] in, int[] rows, int count) {
    byte[] out = new byte[count];
    for (int k = 0; k < count; k++) {
      out[k] = in[rows[k]];
    }
    return out;
  }

  private static int[] take(int[] in, int[] rows, int count) {
    int[] out = new int[count];
    for (int k = 0; k < count; k++) {
      out[k] = in[rows[k]];
    }
    return out;
  }

  private static long[] take(long[] in, int[] rows, int count) {
    long[] out = new long[count];
    for (int k = 0; k < count; k++) {
      out[k] = in[rows[k]];
    }
    return out;
  }

  private static double[] take(double[] in, int[] rows, int count) {
    double[] out = new double[count];
    for (int k = 0; k < count; k++) {
      out[k] = in[rows[k]];
    }
    return out;
  }

  /** Rows {@code from} to {@code from + count} of a vector, copied. */
  public static Vec slice(Vec vec, int from, int count) {
    if (from == 0 && count == vec.size()) {
      return vec;
    }
    int[] rows = new int[count];
    for (int k = 0; k < count; k++) {
      rows[k] = from + k;
    }
    return take(vec, rows, count);
  }
}

package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import org.jspecify.annotations.Nullable;

/**
 * Comparisons that write row numbers instead of booleans. Each kernel looks at the rows {@code
 * selection[0..count)} (null = all rows below {@code count}), writes those that pass to {@code out}
 * in order and returns how many. NULLs are not looked at: see {@link #dropNulls}.
 *
 * <p>A row is always written and the cursor moves by the comparison's bit: no branch on data.
 * Comparisons are sign-bit arithmetic because C2 does not reliably turn {@code c ? 1 : 0} into a
 * conditional move.
 */
public final class Selections {
  private Selections() {}

  /** The live rows where the vector is TRUE. */
  public static Batch whereTrue(Batch batch, BoolVec vec) {
    int[] out = new int[batch.selected()];
    int n = isTrue(vec.values(), batch.selection(), batch.selected(), out);
    n = dropNulls(vec.validity(), out, n);
    return n == batch.selected() ? batch : batch.select(out, n);
  }

  public static int isTrue(byte[] values, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    if (selection == null) {
      for (int i = 0; i < count; i++) {
        out[n] = i;
        n += values[i];
      }
    } else {
      for (int k = 0; k < count; k++) {
        int i = selection[k];
        out[n] = i;
        n += values[i];
      }
    }
    return n;
  }

  /** Removes rows whose value is NULL, in place. */
  public static int dropNulls(long @Nullable [] validity, int[] rows, int count) {
    if (validity == null) {
      return count;
    }
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = rows[k];
      rows[n] = i;
      n += (int) (validity[i >>> 6] >>> (i & 63)) & 1;
    }
    return n;
  }

  /** The rows whose value is NULL. */
  public static int whereNull(
      long @Nullable [] validity, int @Nullable [] selection, int count, int[] out) {
    if (validity == null) {
      return 0;
    }
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += ((int) (validity[i >>> 6] >>> (i & 63)) & 1) ^ 1;
    }
    return n;
  }

  /** low <= value <= high; with flip = 1 the rows outside. */
  public static int inRange(
      long[] values,
      long low,
      long high,
      int flip,
      int @Nullable [] selection,
      int count,
      int[] out) {
    int n = 0;
    long width = high - low;
    if (selection == null) {
      for (int i = 0; i < count; i++) {
        long offset = values[i] - low;
        out[n] = i;
        n += (int) (unsignedLess(width, offset) ^ 1) ^ flip;
      }
    } else {
      for (int k = 0; k < count; k++) {
        int i = selection[k];
        long offset = values[i] - low;
        out[n] = i;
        n += (int) (unsignedLess(width, offset) ^ 1) ^ flip;
      }
    }
    return n;
  }

  /** As the other, for int values and bounds within their range. */
  public static int inRange(
      int[] values,
      long low,
      long high,
      int flip,
      int @Nullable [] selection,
      int count,
      int[] out) {
    int n = 0;
    if (selection == null) {
      for (int i = 0; i < count; i++) {
        long v = values[i];
        out[n] = i;
        n += (int) ((((v - low) | (high - v)) >>> 63) ^ 1) ^ flip;
      }
    } else {
      for (int k = 0; k < count; k++) {
        int i = selection[k];
        long v = values[i];
        out[n] = i;
        n += (int) ((((v - low) | (high - v)) >>> 63) ^ 1) ^ flip;
      }
    }
    return n;
  }

  /** As the other, over {@link #orderedBits} of doubles. */
  public static int inRange(
      double[] values,
      long low,
      long high,
      int flip,
      int @Nullable [] selection,
      int count,
      int[] out) {
    int n = 0;
    long width = high - low;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      long offset = orderedBits(values[i]) - low;
      out[n] = i;
      n += (int) (unsignedLess(width, offset) ^ 1) ^ flip;
    }
    return n;
  }

  /** a < b; with flip = 1, a >= b. */
  public static int less(
      long[] a, long[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    if (selection == null) {
      for (int i = 0; i < count; i++) {
        out[n] = i;
        n += (int) signedLess(a[i], b[i]) ^ flip;
      }
    } else {
      for (int k = 0; k < count; k++) {
        int i = selection[k];
        out[n] = i;
        n += (int) signedLess(a[i], b[i]) ^ flip;
      }
    }
    return n;
  }

  public static int less(
      int[] a, int[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += (int) (((long) a[i] - b[i]) >>> 63) ^ flip;
    }
    return n;
  }

  public static int less(
      double[] a, double[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += (int) signedLess(orderedBits(a[i]), orderedBits(b[i])) ^ flip;
    }
    return n;
  }

  /** 128-bit a < b. */
  public static int less(
      long[] aHigh,
      long[] aLow,
      long[] bHigh,
      long[] bLow,
      int flip,
      int @Nullable [] selection,
      int count,
      int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      long highLess = signedLess(aHigh[i], bHigh[i]);
      long lowLess = unsignedLess(aLow[i], bLow[i]) & (differ(aHigh[i], bHigh[i]) ^ 1);
      n += (int) (highLess | lowLess) ^ flip;
    }
    return n;
  }

  /** a = b; with flip = 1, a <> b. */
  public static int equal(
      long[] a, long[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += (int) (differ(a[i], b[i]) ^ 1) ^ flip;
    }
    return n;
  }

  public static int equal(
      int[] a, int[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += (int) (differ(a[i], b[i]) ^ 1) ^ flip;
    }
    return n;
  }

  public static int equal(
      double[] a, double[] b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      n += (int) (differ(orderedBits(a[i]), orderedBits(b[i])) ^ 1) ^ flip;
    }
    return n;
  }

  public static int equal(
      long[] aHigh,
      long[] aLow,
      long[] bHigh,
      long[] bLow,
      int flip,
      int @Nullable [] selection,
      int count,
      int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      out[n] = i;
      long different = (aHigh[i] ^ bHigh[i]) | (aLow[i] ^ bLow[i]);
      n += (int) (differ(different, 0) ^ 1) ^ flip;
    }
    return n;
  }

  /** Rows whose dictionary code has a 1 in the table. */
  public static int byCode(
      int[] codes, byte[] matches, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    if (selection == null) {
      for (int i = 0; i < count; i++) {
        out[n] = i;
        n += matches[codes[i]];
      }
    } else {
      for (int k = 0; k < count; k++) {
        int i = selection[k];
        out[n] = i;
        n += matches[codes[i]];
      }
    }
    return n;
  }

  /** The rows of {@code all} that are not in {@code some}; both ascending, some a subset of all. */
  public static int difference(
      int @Nullable [] all, int allCount, int[] some, int someCount, int[] out) {
    int n = 0;
    int s = 0;
    for (int k = 0; k < allCount; k++) {
      int i = all == null ? k : all[k];
      if (s < someCount && some[s] == i) {
        s++;
      } else {
        out[n++] = i;
      }
    }
    return n;
  }

  /**
   * A long that orders as the double does: NaN equal to itself and above all else, -0 equal to 0.
   */
  public static long orderedBits(double value) {
    long bits = Double.doubleToLongBits(value + 0.0);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  /** 1 if a < b as unsigned numbers, else 0: the borrow of a - b. */
  static long unsignedLess(long a, long b) {
    return ((~a & b) | (~(a ^ b) & (a - b))) >>> 63;
  }

  static long signedLess(long a, long b) {
    return ((a & ~b) | (~(a ^ b) & (a - b))) >>> 63;
  }

  static long differ(long a, long b) {
    long d = a ^ b;
    return (d | -d) >>> 63;
  }
}

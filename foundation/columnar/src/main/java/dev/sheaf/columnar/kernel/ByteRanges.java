package dev.sheaf.columnar.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Equality, order and hash of ranges of byte arrays, eight bytes at a time. Pure. */
public final class ByteRanges {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BIG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private ByteRanges() {}

  public static boolean equal(byte[] a, int aFrom, byte[] b, int bFrom, int length) {
    int i = 0;
    for (; i <= length - 8; i += 8) {
      if ((long) LONG.get(a, aFrom + i) != (long) LONG.get(b, bFrom + i)) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (a[aFrom + i] != b[bFrom + i]) {
        return false;
      }
    }
    return true;
  }

  /** Unsigned lexicographic order. */
  public static int compare(byte[] a, int aFrom, int aLength, byte[] b, int bFrom, int bLength) {
    return Arrays.compareUnsigned(a, aFrom, aFrom + aLength, b, bFrom, bFrom + bLength);
  }

  /** The first eight bytes, zero-padded, as a number whose unsigned order is theirs. */
  public static long prefix(byte[] a, int from, int length) {
    if (length >= 8) {
      return (long) LONG_BIG.get(a, from);
    }
    long prefix = 0;
    for (int i = 0; i < length; i++) {
      prefix |= (a[from + i] & 0xFFL) << (56 - 8 * i);
    }
    return prefix;
  }

  public static long hash(byte[] a, int from, int length) {
    long h = length * 0x9E3779B97F4A7C15L;
    int i = 0;
    for (; i <= length - 8; i += 8) {
      h = Hashing.combine(h, (long) LONG.get(a, from + i));
    }
    long tail = 0;
    for (int shift = 0; i < length; i++, shift += 8) {
      tail |= (a[from + i] & 0xFFL) << shift;
    }
    return Hashing.combine(h, tail);
  }
}

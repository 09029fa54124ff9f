package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import java.util.Arrays;

/** Which rows of a page being written are present. Not thread-safe. */
final class NullMask {
  private final long[] present = new long[Page.ROWS / 64];
  private int nulls;

  void setPresent(int row) {
    present[row >>> 6] |= 1L << (row & 63);
  }

  void setNull(int row) {
    nulls++;
  }

  int nulls() {
    return nulls;
  }

  boolean isPresent(int row) {
    return (present[row >>> 6] & (1L << (row & 63))) != 0;
  }

  /** Writes the head and, if there are NULLs, the validity of a page of this many rows. */
  void writeHead(int kind, int rows, ByteSink out) {
    if (nulls == rows) {
      out.putByte(Page.ALL_NULL);
    } else if (nulls == 0) {
      out.putByte(kind);
    } else {
      out.putByte(kind | Page.NULLS);
      int bytes = (rows + 7) >>> 3;
      int at = out.reserve(bytes);
      for (int i = 0; i < bytes; i++) {
        out.array()[at + i] = (byte) (present[i >>> 3] >>> (8 * (i & 7)));
      }
    }
  }

  /** Gives the slots of NULLs the value before them, or the first present one: it packs best. */
  void fill(long[] values, int rows) {
    if (nulls == 0 || nulls == rows) {
      return;
    }
    int first = 0;
    while (!isPresent(first)) {
      first++;
    }
    long value = values[first];
    for (int i = 0; i < rows; i++) {
      value = isPresent(i) ? values[i] : value;
      values[i] = value;
    }
  }

  void clear() {
    Arrays.fill(present, 0);
    nulls = 0;
  }
}

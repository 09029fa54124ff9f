package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.protocol.key.TableKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Least and greatest of byte strings, shortened to bounds of at most {@link #PREFIX_BYTES}. Not
 * thread-safe.
 */
final class BytesZone {
  static final int PREFIX_BYTES = 32;

  private byte @Nullable [] min;
  private byte @Nullable [] max;

  void add(byte[] data, int start, int length) {
    int end = start + length;
    if (min == null || Arrays.compareUnsigned(data, start, end, min, 0, min.length) < 0) {
      min = Arrays.copyOfRange(data, start, end);
    }
    if (max == null || Arrays.compareUnsigned(data, start, end, max, 0, max.length) > 0) {
      max = Arrays.copyOfRange(data, start, end);
    }
  }

  /** The bounds of what was added; begins anew. */
  ZoneMap take(int nulls) {
    var zone = new ZoneMap(lower(min), upper(max), nulls, false);
    min = null;
    max = null;
    return zone;
  }

  private static byte @Nullable [] lower(byte @Nullable [] value) {
    return value == null || value.length <= PREFIX_BYTES
        ? value
        : Arrays.copyOf(value, PREFIX_BYTES);
  }

  private static byte @Nullable [] upper(byte @Nullable [] value) {
    return value == null || value.length <= PREFIX_BYTES
        ? value
        : TableKey.prefixEnd(Arrays.copyOf(value, PREFIX_BYTES));
  }
}

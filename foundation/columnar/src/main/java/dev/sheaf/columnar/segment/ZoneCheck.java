package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whether values lie where their zone map says: whoever prunes by it would miss others. Pure. */
final class ZoneCheck {
  private ZoneCheck() {}

  /**
   * The first value that is neither NULL nor within the bounds, as far as they are known; or -1.
   */
  static int firstOutside(ZoneMap zone, Vec values, int count) {
    for (int i = 0; i < count; i++) {
      if (!values.isNull(i) && !holds(zone, values, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean holds(ZoneMap zone, Vec values, int i) {
    return switch (values) {
      case BoolVec v -> between(zone, v.values()[i] != 0);
      case IntVec v -> between(zone, v.values()[i]);
      case LongVec v -> between(zone, v.values()[i]);
      case Int128Vec v -> between(zone, Int128Vec.toBigInteger(v.high()[i], v.low()[i]));
      case DoubleVec v -> holds(zone, v.values()[i]);
      case BytesVec v -> holds(zone, v, i);
    };
  }

  private static boolean between(ZoneMap zone, boolean value) {
    return (zone.min() == null || Boolean.compare((Boolean) zone.min(), value) <= 0)
        && (zone.max() == null || Boolean.compare(value, (Boolean) zone.max()) <= 0);
  }

  private static boolean between(ZoneMap zone, int value) {
    return (zone.min() == null || (Integer) zone.min() <= value)
        && (zone.max() == null || value <= (Integer) zone.max());
  }

  private static boolean between(ZoneMap zone, long value) {
    return (zone.min() == null || (Long) zone.min() <= value)
        && (zone.max() == null || value <= (Long) zone.max());
  }

  private static boolean between(ZoneMap zone, BigInteger value) {
    return (zone.min() == null || ((BigInteger) zone.min()).compareTo(value) <= 0)
        && (zone.max() == null || value.compareTo((BigInteger) zone.max()) <= 0);
  }

  /** Both zeros are one value; NaN has a mark of its own. */
  private static boolean holds(ZoneMap zone, double value) {
    if (Double.isNaN(value)) {
      return zone.hasNaN();
    }
    return (zone.min() == null || (Double) zone.min() <= value)
        && (zone.max() == null || value <= (Double) zone.max());
  }

  private static boolean holds(ZoneMap zone, BytesVec values, int i) {
    int start = values.start()[i];
    int end = start + values.length()[i];
    return compare(zone.min(), values.data(), start, end) <= 0
        && (zone.max() == null || compare(zone.max(), values.data(), start, end) >= 0);
  }

  /** 0 where no bound is known. */
  private static int compare(@Nullable Object bound, byte[] data, int start, int end) {
    return bound instanceof byte[] bytes
        ? Arrays.compareUnsigned(bytes, 0, bytes.length, data, start, end)
        : 0;
  }
}

package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import org.jspecify.annotations.Nullable;

/** Decodes dictionary-encoded columns. Pure. */
final class Gather {
  private Gather() {}

  /**
   * Value {@code index[i]} of the entries for each row; NULL where the row is NULL or its entry is.
   * Bytes are shared, not copied.
   */
  static Vec byIndex(Vec entries, int[] index, Vec rows, int count) {
    long[] validity = Validity.allValid(count);
    int nulls = 0;
    for (int i = 0; i < count; i++) {
      if (rows.isNull(i) || entries.isNull(index[i])) {
        Validity.setNull(validity, i);
        nulls++;
      }
    }
    long @Nullable [] present = nulls == 0 ? null : validity;
    if (entries instanceof BytesVec bytes) {
      int[] start = new int[count];
      int[] length = new int[count];
      for (int i = 0; i < count; i++) {
        if (present == null || (validity[i >>> 6] & (1L << (i & 63))) != 0) {
          start[i] = bytes.start()[index[i]];
          length[i] = bytes.length()[index[i]];
        }
      }
      return BytesVec.of(bytes.data(), start, length, present, count);
    }
    @Nullable Object[] values = new Object[count];
    for (int i = 0; i < count; i++) {
      values[i] = rows.isNull(i) ? null : entries.value(index[i]);
    }
    return VecFiller.of(entries.type(), values);
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.ByteRanges;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import java.util.List;

/**
 * The order of rows of a batch. Its first key is turned into one word per row that decides most
 * comparisons; equal words are decided by the values. Immutable.
 */
final class SortOrder {
  private final List<SortKey> keys;

  SortOrder(List<SortKey> keys) {
    this.keys = keys;
  }

  /** The column of the first key. */
  int firstColumn() {
    return keys.get(0).column();
  }

  /** Words of the first key: a smaller word sorts first, equal words say nothing. */
  long[] firstWords(Batch batch, int[] rows, int count) {
    SortKey key = keys.get(0);
    return words(batch.column(key.column()), key, rows, count);
  }

  /** Words of a column's values in the order of a key. */
  static long[] words(Vec vec, SortKey key, int[] rows, int count) {
    long[] out = new long[count];
    long nullWord = key.nullsFirst() ? Long.MIN_VALUE : Long.MAX_VALUE;
    for (int k = 0; k < count; k++) {
      int i = rows[k];
      if (vec.isNull(i)) {
        out[k] = nullWord;
      } else {
        long word = word(vec, i);
        out[k] = key.descending() ? ~word : word;
      }
    }
    return out;
  }

  private static long word(Vec vec, int i) {
    return switch (vec) {
      case BoolVec v -> v.values()[i];
      case IntVec v -> v.values()[i];
      case LongVec v -> v.values()[i];
      case DoubleVec v -> Selections.orderedBits(v.values()[i]);
      case Int128Vec v -> v.high()[i];
      case BytesVec v -> ByteRanges.prefix(v.data(), v.start()[i], v.length()[i]) ^ Long.MIN_VALUE;
    };
  }

  /** Words of the first key of all rows. */
  long[] firstWords(Batch dense) {
    int[] rows = new int[dense.rows()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    return firstWords(dense, rows, rows.length);
  }

  /** Compares two rows by all keys. */
  int compare(Batch batch, int i, int j) {
    return compare(batch, i, batch, j);
  }

  /** Compares a row of one batch with a row of another by all keys. */
  int compare(Batch a, int i, Batch b, int j) {
    for (SortKey key : keys) {
      Vec left = a.column(key.column());
      Vec right = b.column(key.column());
      boolean iNull = left.isNull(i);
      boolean jNull = right.isNull(j);
      int order;
      if (iNull || jNull) {
        order = iNull == jNull ? 0 : iNull == key.nullsFirst() ? -1 : 1;
      } else {
        order = ValueOrder.compare(left, i, right, j);
        order = key.descending() ? -order : order;
      }
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Whether equal first words already mean equal rows. */
  boolean firstWordDecides(Batch batch) {
    SortKey key = keys.get(0);
    Vec vec = batch.column(key.column());
    return keys.size() == 1
        && !vec.hasNulls()
        && !(vec instanceof BytesVec)
        && !(vec instanceof Int128Vec);
  }
}

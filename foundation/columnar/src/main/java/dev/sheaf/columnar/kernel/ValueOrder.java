package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;

/** The order of single values, as SQL's ORDER BY and comparisons have it. Pure. */
public final class ValueOrder {
  private ValueOrder() {}

  /** Compares two values of equal type that are not NULL. */
  public static int compare(Vec a, int i, Vec b, int j) {
    return switch (a) {
      case BoolVec v -> Byte.compare(v.values()[i], ((BoolVec) b).values()[j]);
      case IntVec v -> Integer.compare(v.values()[i], ((IntVec) b).values()[j]);
      case LongVec v -> Long.compare(v.values()[i], ((LongVec) b).values()[j]);
      case DoubleVec v ->
          Long.compare(
              Selections.orderedBits(v.values()[i]),
              Selections.orderedBits(((DoubleVec) b).values()[j]));
      case Int128Vec v -> {
        Int128Vec w = (Int128Vec) b;
        yield Int128.compare(v.high()[i], v.low()[i], w.high()[j], w.low()[j]);
      }
      case BytesVec v -> {
        BytesVec w = (BytesVec) b;
        yield ByteRanges.compare(
            v.data(), v.start()[i], v.length()[i], w.data(), w.start()[j], w.length()[j]);
      }
    };
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.ByteRanges;
import dev.sheaf.columnar.kernel.Hashing;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;

/**
 * Spreads rows over partitions by the hash of their keys: rows of equal keys meet in one. Each
 * level looks at other bits of the hash, so that a partition can be spread again. Immutable.
 */
final class KeyPartitioner {
  static final int BITS = 4;
  static final int PARTITIONS = 1 << BITS;

  /** Levels after which the hash has no bits left that were not looked at. */
  static final int MAX_LEVELS = Long.SIZE / BITS;

  private static final long NULL_HASH = 0x2545F4914F6CDD1DL;

  private final int[] keys;

  KeyPartitioner(int[] keys) {
    this.keys = keys;
  }

  /**
   * The partition of each live row.
   *
   * @param level from 0 to {@link #MAX_LEVELS} - 1
   */
  int[] partitions(Batch batch, int level) {
    int n = batch.selected();
    long[] hashes = new long[n];
    for (int key : keys) {
      combine(batch, batch.column(key), hashes);
    }
    int shift = Long.SIZE - BITS * (level + 1);
    int[] out = new int[n];
    for (int k = 0; k < n; k++) {
      out[k] = (int) (hashes[k] >>> shift) & (PARTITIONS - 1);
    }
    return out;
  }

  private static void combine(Batch batch, Vec vec, long[] hashes) {
    for (int k = 0; k < hashes.length; k++) {
      int i = batch.row(k);
      hashes[k] = Hashing.combine(hashes[k], vec.isNull(i) ? NULL_HASH : hash(vec, i));
    }
  }

  private static long hash(Vec vec, int i) {
    return switch (vec) {
      case BoolVec v -> v.values()[i];
      case IntVec v -> v.values()[i];
      case LongVec v -> v.values()[i];
      // One of -0 and 0, one of all NaNs.
      case DoubleVec v -> Double.doubleToLongBits(v.values()[i] + 0.0);
      case Int128Vec v -> Hashing.combine(v.high()[i], v.low()[i]);
      case BytesVec v -> ByteRanges.hash(v.data(), v.start()[i], v.length()[i]);
    };
  }
}

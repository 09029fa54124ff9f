package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/** Numbers of rows: what depends on a row's place in its partition alone. */
final class RankColumns {
  private RankColumns() {}

  static WindowColumn rowNumber(PeerGroups groups) {
    int[] first = groups.partitionStart();
    return (from, count) -> {
      long[] out = new long[count];
      for (int k = 0; k < count; k++) {
        out[k] = from + k - first[from + k] + 1L;
      }
      return new LongVec(out, null, count);
    };
  }

  static WindowColumn rank(PeerGroups groups) {
    int[] first = groups.partitionStart();
    int[] peers = groups.start();
    return (from, count) -> {
      long[] out = new long[count];
      for (int k = 0; k < count; k++) {
        out[k] = peers[from + k] - first[from + k] + 1L;
      }
      return new LongVec(out, null, count);
    };
  }

  static WindowColumn denseRank(PeerGroups groups, WindowSection section) {
    int[] ranks = section.ints();
    int[] first = groups.partitionStart();
    int[] peers = groups.start();
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = first[i] == i ? 1 : ranks[i - 1] + (peers[i] == i ? 1 : 0);
    }
    return (from, count) -> {
      long[] out = new long[count];
      for (int k = 0; k < count; k++) {
        out[k] = ranks[from + k];
      }
      return new LongVec(out, null, count);
    };
  }

  static WindowColumn percentRank(PeerGroups groups) {
    int[] first = groups.partitionStart();
    int[] last = groups.partitionEnd();
    int[] peers = groups.start();
    return (from, count) -> {
      double[] out = new double[count];
      for (int k = 0; k < count; k++) {
        int i = from + k;
        int rows = last[i] - first[i];
        out[k] = rows == 1 ? 0 : (double) (peers[i] - first[i]) / (rows - 1);
      }
      return new DoubleVec(out, null, count);
    };
  }

  static WindowColumn cumeDist(PeerGroups groups) {
    int[] first = groups.partitionStart();
    int[] last = groups.partitionEnd();
    int[] peers = groups.end();
    return (from, count) -> {
      double[] out = new double[count];
      for (int k = 0; k < count; k++) {
        int i = from + k;
        out[k] = (double) (peers[i] - first[i]) / (last[i] - first[i]);
      }
      return new DoubleVec(out, null, count);
    };
  }

  /** The number of buckets is that of a partition's first row that has one. */
  static WindowColumn ntile(Vec buckets, PeerGroups groups, WindowSection section) {
    int[] tiles = section.ints();
    int[] first = groups.partitionStart();
    int[] last = groups.partitionEnd();
    IntVec values = (IntVec) buckets;
    for (int partition = 0; partition < tiles.length; partition = last[partition]) {
      int i = partition;
      while (i < last[partition] && values.isNull(section.row(i))) {
        i++;
      }
      if (i < last[partition]) {
        int count = values.values()[section.row(i)];
        if (count <= 0) {
          throw new SheafException(
              ErrorCode.INVALID_ARGUMENT_FOR_NTILE, "argument of ntile must be greater than zero");
        }
        fill(tiles, i, last[partition], last[partition] - first[partition], count);
      }
    }
    return (from, count) -> {
      long[] validity = Validity.allValid(count);
      int[] out = new int[count];
      for (int k = 0; k < count; k++) {
        out[k] = tiles[from + k];
        if (out[k] == 0) {
          Validity.setNull(validity, k);
        }
      }
      return new IntVec(out, validity, count);
    };
  }

  /** The first buckets have a row more, as far as the rows go. */
  private static void fill(int[] tiles, int from, int to, int rows, int buckets) {
    int size = rows / buckets;
    int larger = rows % buckets;
    int tile = 1;
    int left = size + (larger > 0 ? 1 : 0);
    for (int i = from; i < to; i++) {
      if (left == 0) {
        tile++;
        left = size + (tile <= larger ? 1 : 0);
      }
      tiles[i] = tile;
      left--;
    }
  }

  static WindowColumn of(
      WindowFn fn, WindowSection section, PeerGroups groups, java.util.List<Integer> arguments) {
    return switch (fn) {
      case ROW_NUMBER -> rowNumber(groups);
      case RANK -> rank(groups);
      case DENSE_RANK -> denseRank(groups, section);
      case PERCENT_RANK -> percentRank(groups);
      case CUME_DIST -> cumeDist(groups);
      case NTILE -> ntile(section.column(arguments.getFirst()), groups, section);
      default -> throw new IllegalArgumentException(fn.name());
    };
  }
}

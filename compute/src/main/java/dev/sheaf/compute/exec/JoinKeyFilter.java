package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.kernel.Hashing;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;

/**
 * What a join's build side knows of an integer key: its bounds and a blocked bloom filter. Rows
 * that fail it have no match. Immutable once built.
 */
final class JoinKeyFilter implements RuntimeFilter {
  /** Beyond this the bloom filter would fall out of the cache and cost more than it saves. */
  static final int MAX_KEYS = 1 << 20;

  private final long min;
  private final long max;
  private final long[] bloom;
  private final int mask;

  private JoinKeyFilter(long min, long max, long[] bloom) {
    this.min = min;
    this.max = max;
    this.bloom = bloom;
    this.mask = bloom.length - 1;
  }

  /** Over the present values; 16 to 32 bits a key. */
  static JoinKeyFilter of(Vec keys) {
    int words = words(keys.size());
    long[] bloom = new long[words];
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < keys.size(); i++) {
      if (!keys.isNull(i)) {
        long key = key(keys, i);
        min = Math.min(min, key);
        max = Math.max(max, key);
        long hash = Hashing.mix(key);
        bloom[(int) (hash >>> 20) & (words - 1)] |= bits(hash);
      }
    }
    return new JoinKeyFilter(min, max, bloom);
  }

  private static long key(Vec keys, int row) {
    return keys instanceof IntVec v ? v.values()[row] : ((LongVec) keys).values()[row];
  }

  private static long bits(long hash) {
    return 1L << (hash & 63) | 1L << ((hash >>> 6) & 63);
  }

  private static int words(int keys) {
    return Integer.highestOneBit(Math.max(64, keys / 2));
  }

  /** What a filter of so many keys will take. */
  static long sizeBytes(int keys) {
    return 8L * words(keys);
  }

  /** The live rows that may have a match; NULLs have none. */
  @Override
  public Batch apply(Batch batch, int column) {
    Vec keys = batch.column(column);
    int[] out = new int[batch.selected()];
    int n = 0;
    for (int k = 0; k < batch.selected(); k++) {
      int i = batch.row(k);
      long key = key(keys, i);
      long hash = Hashing.mix(key);
      long wanted = bits(hash);
      out[n] = i;
      if (key >= min && key <= max && (bloom[(int) (hash >>> 20) & mask] & wanted) == wanted) {
        n++;
      }
    }
    n = Selections.dropNulls(keys.validity(), out, n);
    return n == batch.selected() ? batch : batch.select(out, n);
  }

  @Override
  public Expr predicate(Expr column) {
    return new Expr.Call(
        Fn.AND,
        List.of(
            RuntimeFilter.comparison(Fn.GE, column, min),
            RuntimeFilter.comparison(Fn.LE, column, max)),
        SqlType.BOOLEAN);
  }
}

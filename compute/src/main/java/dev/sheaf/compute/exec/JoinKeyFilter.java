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
import org.jspecify.annotations.Nullable;

/**
 * What a join's build side knows of an integer key: its bounds, and which keys there are. Keys that
 * lie close together have a bit each; others are in a blocked bloom filter, so that some rows pass
 * that have no match. Immutable once built.
 */
final class JoinKeyFilter implements RuntimeFilter {
  /** Beyond this the bloom filter would fall out of the cache and cost more than it saves. */
  private static final int MAX_BLOOM_KEYS = 1 << 20;

  /** One for each number between the bounds: a megabyte. */
  private static final long MAX_EXACT_BITS = 1L << 23;

  private static final long MIN_EXACT_BITS = 1L << 12;
  private static final long EXACT_BITS_A_KEY = 64;

  private final long min;
  private final long max;
  private final boolean exact;
  private final long[] words;
  private final int mask;

  private JoinKeyFilter(long min, long max, boolean exact, long[] words) {
    this.min = min;
    this.max = max;
    this.exact = exact;
    this.words = words;
    this.mask = words.length - 1;
  }

  /** Over the present values of integer keys, still to be built. Null if there are too many. */
  static @Nullable Plan over(Vec keys) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < keys.size(); i++) {
      if (!keys.isNull(i)) {
        long key = key(keys, i);
        min = Math.min(min, key);
        max = Math.max(max, key);
      }
    }
    var plan = new Plan(keys, min, max);
    return plan.isExact() || keys.size() <= MAX_BLOOM_KEYS ? plan : null;
  }

  /**
   * A filter before its memory is taken.
   *
   * @param min of the present keys; above {@code max} if there is none
   */
  record Plan(Vec keys, long min, long max) {
    private boolean isExact() {
      long span = max - min;
      long most =
          Math.min(MAX_EXACT_BITS, Math.max(MIN_EXACT_BITS, EXACT_BITS_A_KEY * keys.size()));
      return min <= max && span >= 0 && span < most;
    }

    private int words() {
      return isExact()
          ? (int) ((max - min) >>> 6) + 1
          : Integer.highestOneBit(Math.max(64, keys.size() / 2));
    }

    long sizeBytes() {
      return 8L * words();
    }

    JoinKeyFilter build() {
      boolean exact = isExact();
      long[] words = new long[words()];
      for (int i = 0; i < keys.size(); i++) {
        if (!keys.isNull(i)) {
          long key = key(keys, i);
          if (exact) {
            long bit = key - min;
            words[(int) (bit >>> 6)] |= 1L << bit;
          } else {
            long hash = Hashing.mix(key);
            words[(int) (hash >>> 20) & (words.length - 1)] |= bits(hash);
          }
        }
      }
      return new JoinKeyFilter(min, max, exact, words);
    }
  }

  private static long key(Vec keys, int row) {
    return keys instanceof IntVec v ? v.values()[row] : ((LongVec) keys).values()[row];
  }

  private static long bits(long hash) {
    return 1L << (hash & 63) | 1L << ((hash >>> 6) & 63);
  }

  /** The live rows that may have a match; NULLs have none. */
  @Override
  public Batch apply(Batch batch, int column) {
    Vec keys = batch.column(column);
    int count = batch.selected();
    int[] out = new int[count];
    int n =
        keys instanceof IntVec ints
            ? narrow(ints.values(), batch.selection(), count, out)
            : wide(((LongVec) keys).values(), batch.selection(), count, out);
    n = Selections.dropNulls(keys.validity(), out, n);
    return n == count ? batch : batch.select(out, n);
  }

  private int wide(long[] keys, int @Nullable [] selection, int count, int[] out) {
    int within = Selections.inRange(keys, min, max, 0, selection, count, out);
    return exact ? listed(keys, out, within) : bloomed(keys, out, within);
  }

  /** Those rows of which the key has its bit. */
  private int listed(long[] keys, int[] rows, int count) {
    long[] bits = words;
    long base = min;
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = rows[k];
      long bit = keys[i] - base;
      rows[n] = i;
      n += (int) (bits[(int) (bit >>> 6)] >>> bit) & 1;
    }
    return n;
  }

  private int bloomed(long[] keys, int[] rows, int count) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = rows[k];
      rows[n] = i;
      n += mayHold(Hashing.mix(keys[i]));
    }
    return n;
  }

  private int narrow(int[] keys, int @Nullable [] selection, int count, int[] out) {
    long low = Math.max(min, Integer.MIN_VALUE);
    long high = Math.min(max, Integer.MAX_VALUE);
    int within = Selections.inRange(keys, low, high, 0, selection, count, out);
    long[] bits = words;
    int n = 0;
    for (int k = 0; k < within; k++) {
      int i = out[k];
      out[n] = i;
      long bit = keys[i] - low;
      n += exact ? (int) (bits[(int) (bit >>> 6)] >>> bit) & 1 : mayHold(Hashing.mix(keys[i]));
    }
    return n;
  }

  private int mayHold(long hash) {
    long wanted = bits(hash);
    long missing = ~words[(int) (hash >>> 20) & mask] & wanted;
    return (int) ((missing | -missing) >>> 63) ^ 1;
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

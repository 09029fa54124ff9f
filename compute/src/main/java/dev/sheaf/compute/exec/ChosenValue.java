package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import org.jspecify.annotations.Nullable;

/**
 * MIN, MAX, BOOL_AND, BOOL_OR and ANY_VALUE (also behind {@link SingleValue}) of types that fit a
 * word: the chosen value's order-preserving word. BOOL_AND is the least, BOOL_OR the greatest
 * value.
 */
final class ChosenValue implements Accumulator {
  private final AggregateFn fn;
  private final PhysicalType type;
  private final Reservation memory;
  private long[] words = new long[0];
  private long[] counts = new long[0];

  ChosenValue(AggregateFn fn, PhysicalType type, Reservation memory) {
    this.fn = fn;
    this.type = type;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    words = memory.grow(words, groups);
    counts = memory.grow(counts, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      int g = groups == null ? 0 : groups[k];
      offer(g, word(vec, i));
      counts[g]++;
    }
  }

  private static long word(@Nullable Vec vec, int i) {
    return switch (vec) {
      case BoolVec v -> v.values()[i];
      case IntVec v -> v.values()[i];
      case LongVec v -> v.values()[i];
      case DoubleVec v -> Selections.orderedBits(v.values()[i]);
      case null, default -> throw new IllegalArgumentException("not a word: " + vec);
    };
  }

  private void offer(int group, long word) {
    boolean take =
        counts[group] == 0
            || switch (fn) {
              case MIN, BOOL_AND -> word < words[group];
              case MAX, BOOL_OR -> word > words[group];
              default -> false;
            };
    if (take) {
      words[group] = word;
    }
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    ChosenValue in = (ChosenValue) other;
    for (int k = 0; k < n; k++) {
      if (in.counts[from[k]] != 0) {
        offer(to[k], in.words[from[k]]);
        counts[to[k]] += in.counts[from[k]];
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    long[] validity = Validity.allValid(n);
    long[] out = new long[n];
    for (int k = 0; k < n; k++) {
      out[k] = words[groups[k]];
      if (counts[groups[k]] == 0) {
        Validity.setNull(validity, k);
      }
    }
    return Vectors.withValidity(
        switch (type) {
          case BOOL -> {
            byte[] values = new byte[n];
            for (int k = 0; k < n; k++) {
              values[k] = (byte) out[k];
            }
            yield new BoolVec(values, null, n);
          }
          case INT -> {
            int[] values = new int[n];
            for (int k = 0; k < n; k++) {
              values[k] = (int) out[k];
            }
            yield new IntVec(values, null, n);
          }
          case DOUBLE -> {
            double[] values = new double[n];
            for (int k = 0; k < n; k++) {
              long word = out[k];
              values[k] = Double.longBitsToDouble(word ^ ((word >> 63) & Long.MAX_VALUE));
            }
            yield new DoubleVec(values, null, n);
          }
          default -> new LongVec(out, null, n);
        },
        validity);
  }
}

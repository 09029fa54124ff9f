package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import org.jspecify.annotations.Nullable;

/** BIT_AND, BIT_OR and BIT_XOR of whole numbers. */
final class BitAccumulator implements Accumulator {
  private final AggregateFn fn;
  private final PhysicalType type;
  private final Reservation memory;
  private long[] bits = new long[0];
  private byte[] seen = new byte[0];

  BitAccumulator(AggregateFn fn, PhysicalType type, Reservation memory) {
    this.fn = fn;
    this.type = type;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    bits = memory.grow(bits, groups);
    seen = memory.grow(seen, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      long value =
          switch (vec) {
            case IntVec v -> v.values()[i];
            case LongVec v -> v.values()[i];
            case null, default -> throw new IllegalArgumentException("not a whole number: " + vec);
          };
      add(groups == null ? 0 : groups[k], value);
    }
  }

  private void add(int group, long value) {
    if (seen[group] == 0) {
      seen[group] = 1;
      bits[group] = value;
      return;
    }
    switch (fn) {
      case BIT_AND -> bits[group] &= value;
      case BIT_OR -> bits[group] |= value;
      default -> bits[group] ^= value;
    }
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    BitAccumulator in = (BitAccumulator) other;
    for (int k = 0; k < n; k++) {
      if (in.seen[from[k]] != 0) {
        add(to[k], in.bits[from[k]]);
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    long[] validity = Validity.allValid(n);
    long[] longs = new long[n];
    int[] ints = new int[n];
    for (int k = 0; k < n; k++) {
      longs[k] = bits[groups[k]];
      ints[k] = (int) longs[k];
      if (seen[groups[k]] == 0) {
        Validity.setNull(validity, k);
      }
    }
    return type == PhysicalType.INT
        ? new IntVec(ints, validity, n)
        : new LongVec(longs, validity, n);
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.kernel.ByteRanges;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** As {@link ChosenValue}, for text, bytes and 128-bit numbers: one object per group. */
final class ChosenObject implements Accumulator {
  private static final int OBJECT_BYTES = 32;

  private final AggregateFn fn;
  private final PhysicalType type;
  private final Reservation memory;
  private @Nullable Object[] values = new Object[0];

  ChosenObject(AggregateFn fn, PhysicalType type, Reservation memory) {
    this.fn = fn;
    this.type = type;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    values = memory.grow(values, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      int g = groups == null ? 0 : groups[k];
      if (vec instanceof BytesVec v) {
        offerBytes(g, v, i);
      } else if (vec != null && vec.value(i) instanceof Object value) {
        offer(g, value);
      }
    }
  }

  /** Compares before copying. */
  private void offerBytes(int group, BytesVec v, int i) {
    Object known = values[group];
    if (known instanceof byte[] bytes) {
      int order = ByteRanges.compare(v.data(), v.start()[i], v.length()[i], bytes, 0, bytes.length);
      if (!wins(order)) {
        return;
      }
    }
    put(group, v.bytes(i));
  }

  private boolean wins(int order) {
    return fn == AggregateFn.MIN ? order < 0 : fn == AggregateFn.MAX && order > 0;
  }

  private void offer(int group, Object value) {
    Object known = values[group];
    if (known == null || wins(compare(value, known))) {
      put(group, value);
    }
  }

  private static int compare(Object a, Object b) {
    return a instanceof byte[] bytes
        ? Arrays.compareUnsigned(bytes, (byte[]) b)
        : ((BigInteger) a).compareTo((BigInteger) b);
  }

  private void put(int group, Object value) {
    memory.add(sizeOf(value));
    Object old = values[group];
    if (old != null) {
      memory.remove(sizeOf(old));
    }
    values[group] = value;
  }

  private static long sizeOf(Object value) {
    return OBJECT_BYTES + (value instanceof byte[] bytes ? bytes.length : 16);
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    ChosenObject in = (ChosenObject) other;
    for (int k = 0; k < n; k++) {
      Object value = in.values[from[k]];
      if (value != null) {
        offer(to[k], value);
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    @Nullable Object[] out = new Object[n];
    for (int k = 0; k < n; k++) {
      out[k] = values[groups[k]];
    }
    return Vectors.of(type, out);
  }
}

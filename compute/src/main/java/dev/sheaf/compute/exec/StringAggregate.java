package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** STRING_AGG: a growing buffer per group. */
final class StringAggregate implements Accumulator {
  private final byte[] delimiter;
  private final Reservation memory;
  private byte[] @Nullable [] buffers = new byte[0][];
  private int[] sizes = new int[0];

  StringAggregate(byte[] delimiter, Reservation memory) {
    this.delimiter = delimiter;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    buffers = memory.grow(buffers, groups);
    sizes = memory.grow(sizes, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    BytesVec in = (BytesVec) java.util.Objects.requireNonNull(vec);
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      append(groups == null ? 0 : groups[k], in.data(), in.start()[i], in.length()[i]);
    }
  }

  private void append(int group, byte[] data, int from, int length) {
    byte[] buffer = buffers[group];
    if (buffer == null) {
      memory.add(64);
      buffer = new byte[48];
    } else {
      buffer = put(buffer, group, delimiter, 0, delimiter.length);
    }
    buffers[group] = put(buffer, group, data, from, length);
  }

  private byte[] put(byte[] buffer, int group, byte[] data, int from, int length) {
    byte[] room = memory.grow(buffer, Math.addExact(sizes[group], length));
    System.arraycopy(data, from, room, sizes[group], length);
    sizes[group] += length;
    return room;
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    StringAggregate in = (StringAggregate) other;
    for (int k = 0; k < n; k++) {
      byte[] buffer = in.buffers[from[k]];
      if (buffer != null) {
        append(to[k], buffer, 0, in.sizes[from[k]]);
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    @Nullable Object[] out = new Object[n];
    for (int k = 0; k < n; k++) {
      byte[] buffer = buffers[groups[k]];
      out[k] = buffer == null ? null : Arrays.copyOf(buffer, sizes[groups[k]]);
    }
    return Vectors.of(PhysicalType.BYTES, out);
  }
}

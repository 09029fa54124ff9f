package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * STRING_AGG: a growing buffer per group. Every text is kept with its delimiter before it; the
 * first delimiter is left out of the result, so that buffers can be joined as they are.
 */
final class StringAggregate implements Accumulator {
  private final byte[] delimiter;
  private final Reservation memory;
  private byte[] @Nullable [] buffers = new byte[0][];
  private int[] sizes = new int[0];
  private int[] firstDelimiters = new int[0];

  /**
   * @param delimiter where there is no column of them
   */
  StringAggregate(byte[] delimiter, Reservation memory) {
    this.delimiter = delimiter;
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    buffers = memory.grow(buffers, groups);
    sizes = memory.grow(sizes, groups);
    firstDelimiters = memory.grow(firstDelimiters, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    BytesVec in = (BytesVec) Objects.requireNonNull(vec);
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      int group = groups == null ? 0 : groups[k];
      begin(group, delimiter.length);
      put(group, delimiter, 0, delimiter.length);
      put(group, in.data(), in.start()[i], in.length()[i]);
    }
  }

  @Override
  public void addAll(Vec[] columns, int @Nullable [] rows, int @Nullable [] groups, int n) {
    if (columns.length == 1) {
      add(columns[0], rows, groups, n);
      return;
    }
    BytesVec in = (BytesVec) columns[0];
    BytesVec delimiters = (BytesVec) columns[1];
    for (int k = 0; k < n; k++) {
      int i = rows == null ? k : rows[k];
      int group = groups == null ? 0 : groups[k];
      int length = delimiters.isNull(i) ? 0 : delimiters.length()[i];
      begin(group, length);
      put(group, delimiters.data(), delimiters.start()[i], length);
      put(group, in.data(), in.start()[i], in.length()[i]);
    }
  }

  private void begin(int group, int firstDelimiter) {
    if (buffers[group] == null) {
      memory.add(64);
      buffers[group] = new byte[48];
      firstDelimiters[group] = firstDelimiter;
    }
  }

  private void put(int group, byte[] data, int from, int length) {
    byte[] room =
        memory.grow(Objects.requireNonNull(buffers[group]), Math.addExact(sizes[group], length));
    System.arraycopy(data, from, room, sizes[group], length);
    sizes[group] += length;
    buffers[group] = room;
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    StringAggregate in = (StringAggregate) other;
    for (int k = 0; k < n; k++) {
      byte[] buffer = in.buffers[from[k]];
      if (buffer != null) {
        begin(to[k], in.firstDelimiters[from[k]]);
        put(to[k], buffer, 0, in.sizes[from[k]]);
      }
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    @Nullable Object[] out = new Object[n];
    for (int k = 0; k < n; k++) {
      int group = groups[k];
      byte[] buffer = buffers[group];
      out[k] =
          buffer == null ? null : Arrays.copyOfRange(buffer, firstDelimiters[group], sizes[group]);
    }
    return Vectors.of(PhysicalType.BYTES, out);
  }
}

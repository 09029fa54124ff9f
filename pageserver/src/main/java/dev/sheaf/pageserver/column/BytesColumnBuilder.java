package dev.sheaf.pageserver.column;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;

/** BYTES: one array of bytes and views into it. */
public final class BytesColumnBuilder extends ColumnBuilder {
  private byte[] data = new byte[1024];
  private int used;
  private int[] start = new int[INITIAL_ROWS];
  private int[] length = new int[INITIAL_ROWS];

  /** Unsigned comparison of two values, neither of them null. */
  public int compare(int a, int b) {
    return Arrays.compareUnsigned(
        data, start[a], start[a] + length[a], data, start[b], start[b] + length[b]);
  }

  /** A copy of a value that is not null. */
  public byte[] bytes(int row) {
    return Arrays.copyOfRange(data, start[row], start[row] + length[row]);
  }

  @Override
  void reserve(int rows) {
    if (rows > start.length) {
      start = Arrays.copyOf(start, Math.max(rows, start.length * 2));
      length = Arrays.copyOf(length, Math.max(rows, length.length * 2));
    }
  }

  @Override
  void set(int row, Object value) {
    byte[] bytes = (byte[]) value;
    add(row, bytes, 0, bytes.length);
  }

  @Override
  void copy(int row, Vec from, int fromRow) {
    BytesVec vec = (BytesVec) from;
    add(row, vec.data(), vec.start()[fromRow], vec.length()[fromRow]);
  }

  @Override
  void copyAll(int row, Vec from, int count) {
    BytesVec vec = (BytesVec) from;
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += vec.length()[i];
    }
    reserveData(bytes);
    for (int i = 0; i < count; i++) {
      System.arraycopy(vec.data(), vec.start()[i], data, used, vec.length()[i]);
      start[row + i] = used;
      length[row + i] = vec.length()[i];
      used += vec.length()[i];
    }
  }

  private void reserveData(int count) {
    if (data.length - used < count) {
      data = Arrays.copyOf(data, (int) Math.max(Math.min(2L * data.length, 1 << 30), used + count));
    }
  }

  private void add(int row, byte[] from, int at, int count) {
    reserveData(count);
    System.arraycopy(from, at, data, used, count);
    start[row] = used;
    length[row] = count;
    used += count;
  }

  @Override
  public Vec gather(int[] order, int from, int count) {
    int[] starts = new int[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      starts[i] = start[order[from + i]];
      lengths[i] = length[order[from + i]];
    }
    return BytesVec.of(data, starts, lengths, gatherValidity(order, from, count), count);
  }

  @Override
  public Vec build() {
    return BytesVec.of(data, start, length, builtValidity(), size());
  }

  @Override
  public long sizeBytes() {
    return used + 8L * size();
  }
}

package dev.sheaf.pageserver.column;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.row.RowReader;
import java.util.Arrays;

/** BYTES: one array of bytes and views into it. */
public final class BytesColumnBuilder extends ColumnBuilder {
  private byte[] data = new byte[1024];
  private int used;
  private int[] start = new int[INITIAL_ROWS];
  private int[] length = new int[INITIAL_ROWS];

  /** Unsigned comparison with a value of a builder, neither of them null. */
  public int compare(int row, BytesColumnBuilder other, int otherRow) {
    return Arrays.compareUnsigned(
        data,
        start[row],
        start[row] + length[row],
        other.data,
        other.start[otherRow],
        other.start[otherRow] + other.length[otherRow]);
  }

  /** How many of the first {@code count} bytes of {@code other} a value begins with. */
  public int sharedWith(byte[] other, int count, int row) {
    int length = Math.min(count, this.length[row]);
    int mismatch = Arrays.mismatch(data, start[row], start[row] + length, other, 0, length);
    return mismatch < 0 ? length : mismatch;
  }

  /** Eight bytes of a value behind the first {@code skipped}, big-endian, zero-padded. */
  public long head(int row, int skipped) {
    int from = start[row] + skipped;
    int count = Math.min(Long.BYTES, length[row] - skipped);
    long head = 0;
    for (int i = 0; i < count; i++) {
      head = head << 8 | (data[from + i] & 0xFF);
    }
    return count == 0 ? 0 : head << 8 * (Long.BYTES - count);
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
  void read(int row, RowReader from) {
    add(row, from.array(), from.start(), from.length());
  }

  @Override
  void copy(int row, Vec from, int fromRow) {
    BytesVec vec = (BytesVec) from;
    add(row, vec.data(), vec.start()[fromRow], vec.length()[fromRow]);
  }

  @Override
  void copy(int row, ColumnBuilder from, int fromRow) {
    var bytes = (BytesColumnBuilder) from;
    add(row, bytes.data, bytes.start[fromRow], bytes.length[fromRow]);
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
  public Vec build() {
    return BytesVec.of(data, start, length, builtValidity(), size());
  }

  @Override
  long valueBytes() {
    return data.length + 8L * start.length;
  }

  @Override
  public void trim() {
    data = Arrays.copyOf(data, used);
  }
}

package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.codec.ByteSink;
import java.util.Arrays;

/** The distinct values of a column chunk, numbered as they came. Used by one thread. */
final class ValueDictionary {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_ENTRIES = 1 << 16;

  /** What {@link #add} answers when there is no room for another value. */
  static final int FULL = -1;

  private final ByteSink data = new ByteSink(1024);
  private int[] starts = new int[64];
  private int size;

  /** Numbers of entries plus one by hash, 0 = free; at most half of it is taken. */
  private int[] table = new int[128];

  int size() {
    return size;
  }

  /** The value's number. */
  int add(byte[] in, int from, int length) {
    int slot = slot(in, from, length);
    if (table[slot] != 0) {
      return table[slot] - 1;
    }
    if (size == MAX_ENTRIES || data.size() + (long) length > MAX_BYTES) {
      return FULL;
    }
    if (size + 1 == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    data.putBytes(in, from, length);
    table[slot] = ++size;
    starts[size] = data.size();
    if (2 * size > table.length) {
      grow();
    }
    return size - 1;
  }

  private int slot(byte[] in, int from, int length) {
    int mask = table.length - 1;
    int slot = (int) ByteHash.of(in, from, length) & mask;
    while (table[slot] != 0 && !isEntry(table[slot] - 1, in, from, length)) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private boolean isEntry(int entry, byte[] in, int from, int length) {
    return Arrays.equals(data.array(), starts[entry], starts[entry + 1], in, from, from + length);
  }

  private void grow() {
    table = new int[2 * table.length];
    for (int entry = 0; entry < size; entry++) {
      table[slot(data.array(), starts[entry], starts[entry + 1] - starts[entry])] = entry + 1;
    }
  }

  /** Appends a value as it is stored plainly. */
  void put(int entry, ParquetType type, ByteSink out) {
    type.put(data.array(), starts[entry], starts[entry + 1] - starts[entry], out);
  }

  long sizeBytes() {
    return data.array().length + 4L * (starts.length + table.length);
  }
}

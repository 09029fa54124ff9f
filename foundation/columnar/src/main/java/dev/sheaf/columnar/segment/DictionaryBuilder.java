package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.codec.ByteSink;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Distinct byte strings in the order of their first use. Not thread-safe. */
final class DictionaryBuilder {
  static final int MAX_ENTRIES = 1 << 14;
  static final int MAX_DATA_BYTES = 1 << 19;

  private final ByteSink data = new ByteSink(1024);
  private int[] start = new int[64];
  private int[] length = new int[64];
  private long[] hash = new long[64];

  /** Entry + 1 by hash, open addressing, at most half full. */
  private int[] table = new int[256];

  private int size;

  int size() {
    return size;
  }

  int dataBytes() {
    return data.size();
  }

  byte[] data() {
    return data.array();
  }

  int start(int entry) {
    return start[entry];
  }

  int length(int entry) {
    return length[entry];
  }

  /** The entry of these bytes, added if new; -1 when the dictionary is full. */
  int code(byte[] bytes, int from, int count) {
    long h = ByteHash.of(bytes, from, count);
    int slot = (int) h & (table.length - 1);
    while (table[slot] != 0) {
      int entry = table[slot] - 1;
      if (hash[entry] == h && equal(entry, bytes, from, count)) {
        return entry;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    if (size == MAX_ENTRIES || data.size() + (long) count > MAX_DATA_BYTES) {
      return -1;
    }
    table[slot] = size + 1;
    add(bytes, from, count, h);
    return size - 1;
  }

  /** The entries in the order of their bytes, unsigned. */
  int[] ascending() {
    return IntStream.range(0, size)
        .boxed()
        .sorted((a, b) ->
            Arrays.compareUnsigned(
                data.array(),
                start[a],
                start[a] + length[a],
                data.array(),
                start[b],
                start[b] + length[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private boolean equal(int entry, byte[] bytes, int from, int count) {
    return length[entry] == count
        && Arrays.equals(
            data.array(), start[entry], start[entry] + count, bytes, from, from + count);
  }

  private void add(byte[] bytes, int from, int count, long h) {
    if (size == start.length) {
      start = Arrays.copyOf(start, 2 * size);
      length = Arrays.copyOf(length, 2 * size);
      hash = Arrays.copyOf(hash, 2 * size);
    }
    start[size] = data.size();
    length[size] = count;
    hash[size] = h;
    data.putBytes(bytes, from, count);
    size++;
    if (2 * size > table.length) {
      rehash();
    }
  }

  private void rehash() {
    table = new int[2 * table.length];
    for (int entry = 0; entry < size; entry++) {
      int slot = (int) hash[entry] & (table.length - 1);
      while (table[slot] != 0) {
        slot = (slot + 1) & (table.length - 1);
      }
      table[slot] = entry + 1;
    }
  }

  void clear() {
    data.truncate(0);
    size = 0;
    Arrays.fill(table, 0);
  }
}

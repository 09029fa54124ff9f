package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.LittleEndian;
import java.util.Arrays;

/**
 * Body of a page of kind KEYS: ascending keys, each without the bytes it shares with the one
 * before.
 *
 * <pre>
 * +----------+----------------+--------------------------+-------------------------------------------+
 * | rows u16 | raw length u32 | restart[i] u32, one for  | entries, one for each row:                |
 * |          | of all keys    | each 16 rows: where the  | shared varint | rest varint | rest bytes  |
 * |          |                | entry of row 16 i begins |                                           |
 * +----------+----------------+--------------------------+-------------------------------------------+
 * </pre>
 *
 * {@code shared} counts leading bytes equal to the key before; it is 0 at a restart, so that keys
 * can be searched in place: binary among the restarts, then at most 16 entries. Restarts are
 * counted from the first entry.
 *
 * @param entriesAt where the first entry begins
 */
record KeyPage(byte[] bytes, int rows, int rawLength, int restartsAt, int entriesAt) {
  /** Rows of a key page: a point read decodes at most one of them. */
  static final int ROWS = 1024;

  static final int RESTART_INTERVAL = 16;
  static final int HEAD_BYTES = 6;

  static KeyPage open(PageBody body) {
    int rows = LittleEndian.getShort(body.bytes(), body.at());
    int restartsAt = body.at() + HEAD_BYTES;
    return new KeyPage(
        body.bytes(),
        rows,
        LittleEndian.getInt(body.bytes(), body.at() + 2),
        restartsAt,
        restartsAt + 4 * restarts(rows));
  }

  static int restarts(int rows) {
    return (rows + RESTART_INTERVAL - 1) / RESTART_INTERVAL;
  }

  /** Where a search ended. */
  record Position(int row, boolean found) {}

  /** The first row whose key is at or above {@code key}: {@link #rows} if none. */
  Position lowerBound(byte[] key) {
    int low = 0; // the last restart known to be below the key, at least
    int high = restarts(rows);
    while (low + 1 < high) {
      int middle = (low + high) >>> 1;
      if (compareRestart(middle, key) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return scan(low * RESTART_INTERVAL, key);
  }

  private int compareRestart(int restart, byte[] key) {
    var entry = new Entry(bytes, restartAt(restart));
    return Arrays.compareUnsigned(
        bytes, entry.restAt, entry.restAt + entry.rest, key, 0, key.length);
  }

  private int restartAt(int restart) {
    return entriesAt + LittleEndian.getInt(bytes, restartsAt + 4 * restart);
  }

  private Position scan(int fromRow, byte[] key) {
    byte[] current = new byte[Math.max(64, key.length)];
    int at = restartAt(fromRow / RESTART_INTERVAL);
    for (int row = fromRow; row < rows; row++) {
      var entry = new Entry(bytes, at);
      int length = entry.shared + entry.rest;
      if (length > current.length) {
        current = Arrays.copyOf(current, 2 * length);
      }
      System.arraycopy(bytes, entry.restAt, current, entry.shared, entry.rest);
      int order = Arrays.compareUnsigned(current, 0, length, key, 0, key.length);
      if (order >= 0) {
        return new Position(row, order == 0);
      }
      at = entry.restAt + entry.rest;
    }
    return new Position(rows, false);
  }

  /**
   * Restores keys {@code [from, from + count)}; returns the end of what it wrote to {@code out}.
   */
  int expand(int from, int count, byte[] out, int outAt, int[] start, int[] length, int to) {
    int firstRow = from - from % RESTART_INTERVAL;
    int at = restartAt(firstRow / RESTART_INTERVAL);
    int write = outAt;
    int previous = outAt;
    for (int row = firstRow; row < from + count; row++) {
      var entry = new Entry(bytes, at);
      System.arraycopy(out, previous, out, write, entry.shared);
      System.arraycopy(bytes, entry.restAt, out, write + entry.shared, entry.rest);
      int size = entry.shared + entry.rest;
      if (row >= from) {
        start[to + row - from] = write;
        length[to + row - from] = size;
      }
      previous = write;
      write += size;
      at = entry.restAt + entry.rest;
    }
    return write;
  }

  /** The head of one entry. */
  private static final class Entry {
    final int shared;
    final int rest;
    final int restAt;

    Entry(byte[] bytes, int at) {
      int p = at;
      int b = bytes[p++];
      int value = b & 0x7F;
      for (int shift = 7; b < 0; shift += 7) {
        b = bytes[p++];
        value |= (b & 0x7F) << shift;
      }
      shared = value;
      b = bytes[p++];
      value = b & 0x7F;
      for (int shift = 7; b < 0; shift += 7) {
        b = bytes[p++];
        value |= (b & 0x7F) << shift;
      }
      rest = value;
      restAt = p;
    }
  }
}

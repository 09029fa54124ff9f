package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.codec.LittleEndian;

/**
 * Body of a page of kind BYTES: the values' bytes back to back.
 *
 * <pre>
 * +-----------------+----------------------------------------------+-----------------+
 * | data length u32 | integer stream of the values' lengths        | data            |
 * |                 | (a NULL has length 0)                        |                 |
 * +-----------------+----------------------------------------------+-----------------+
 * </pre>
 *
 * @param bytes the page that holds it; the data can be handed out as views of it
 * @param lengthsAt where the lengths begin
 * @param dataAt where the data begin
 */
record BytesPage(byte[] bytes, int dataLength, int lengthsAt, int dataAt) {
  private static final int HEAD_BYTES = 4;

  /** Rows of wide values fill a page earlier than {@link Page#ROWS}. */
  static final int TARGET_DATA_BYTES = 1 << 15;

  static void write(long[] lengths, int rows, ByteSink data, ByteSink out) {
    out.putInt(data.size());
    IntegerStream.encode(lengths, rows, Access.RANDOM, out);
    out.putBytes(data.array(), 0, data.size());
  }

  static BytesPage open(PageBody body, int rows) {
    int lengthsAt = body.at() + HEAD_BYTES;
    return new BytesPage(
        body.bytes(),
        LittleEndian.getInt(body.bytes(), body.at()),
        lengthsAt,
        lengthsAt + IntegerStream.length(body.bytes(), lengthsAt, rows));
  }

  /**
   * Views of rows {@code [from, from + count)} on data that begin at {@code base} of some array.
   */
  void views(int from, int count, int base, int[] start, int[] length, int to) {
    int at = base;
    if (from > 0) {
      int[] before = new int[from];
      IntegerStream.decodeInts(bytes, lengthsAt, 0, from, before, 0);
      for (int skipped : before) {
        at += skipped;
      }
    }
    IntegerStream.decodeInts(bytes, lengthsAt, from, count, length, to);
    for (int i = to; i < to + count; i++) {
      start[i] = at;
      at += length[i];
    }
    if (at > base + dataLength) {
      throw new IndexOutOfBoundsException("values are longer than the page's data");
    }
  }
}

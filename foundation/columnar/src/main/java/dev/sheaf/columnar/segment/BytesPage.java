package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.Compression;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.codec.LittleEndian;

/**
 * Body of a page of kind BYTES: the values' bytes back to back.
 *
 * <pre>
 * +----------------+-------------------+------------------------------+----------------------+
 * | raw length u32 | stored length u32 | integer stream of the        | data: raw when both  |
 * |                |                   | values' lengths (NULL: any)  | lengths are equal,   |
 * |                |                   |                              | else a zstd frame    |
 * +----------------+-------------------+------------------------------+----------------------+
 * </pre>
 *
 * Lengths stay uncompressed, so raw data can be handed out as views of the cached page.
 *
 * @param bytes the page that holds it
 * @param lengthsAt where the lengths begin
 * @param dataAt where the stored data begin
 */
record BytesPage(
    byte[] bytes, int rows, int rawLength, int storedLength, int lengthsAt, int dataAt) {
  private static final int HEAD_BYTES = 8;

  /** Rows of wide values fill a page earlier than {@link Page#ROWS}. */
  static final int TARGET_DATA_BYTES = 1 << 17;

  static void write(long[] lengths, int rows, ByteSink data, ByteSink out) {
    byte[] frame = Compression.compressIfItPays(data.array(), 0, data.size());
    out.putInt(data.size());
    out.putInt(frame == null ? data.size() : frame.length);
    IntegerStream.encode(lengths, rows, Access.RANDOM, out);
    if (frame == null) {
      out.putBytes(data.array(), 0, data.size());
    } else {
      out.putBytes(frame, 0, frame.length);
    }
  }

  static BytesPage open(PageBody body, int rows) {
    int lengthsAt = body.at() + HEAD_BYTES;
    return new BytesPage(
        body.bytes(),
        rows,
        LittleEndian.getInt(body.bytes(), body.at()),
        LittleEndian.getInt(body.bytes(), body.at() + 4),
        lengthsAt,
        lengthsAt + IntegerStream.length(body.bytes(), lengthsAt, rows));
  }

  boolean isRaw() {
    return rawLength == storedLength;
  }

  /** Writes the raw data to {@code out[to .. to + rawLength)}. */
  void copyData(byte[] out, int to) {
    if (isRaw()) {
      System.arraycopy(bytes, dataAt, out, to, rawLength);
    } else {
      Compression.decompress(bytes, dataAt, storedLength, out, to, rawLength);
    }
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
    if (at > base + rawLength) {
      throw new IndexOutOfBoundsException("values are longer than the page's data");
    }
  }
}

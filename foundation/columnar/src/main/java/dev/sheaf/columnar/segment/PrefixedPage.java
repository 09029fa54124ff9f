package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;

/**
 * Body of a page of kind PREFIXED: the ascending entries of a dictionary, each without the bytes it
 * shares with the one before.
 *
 * <pre>
 * +------------------+----------------------------+--------------------------------+-------+
 * | rests length u32 | integer stream of how many | integer stream of the lengths  | rests |
 * |                  | bytes each entry shares    | of the rests                   |       |
 * +------------------+----------------------------+--------------------------------+-------+
 * </pre>
 *
 * Restored as a whole, once for each row group. Pure.
 */
final class PrefixedPage {
  private static final int HEAD_BYTES = 4;

  private PrefixedPage() {}

  /**
   * @param data the entries back to back
   */
  static void write(long[] lengths, byte[] data, ByteSink out) {
    int entries = lengths.length;
    long[] shared = new long[entries];
    long[] rest = new long[entries];
    var rests = new ByteSink(1024);
    int before = 0;
    int at = 0;
    for (int i = 0; i < entries; i++) {
      int length = (int) lengths[i];
      if (i > 0) {
        int mismatch = Arrays.mismatch(data, before, at, data, at, at + length);
        shared[i] = mismatch < 0 ? length : mismatch;
      }
      rest[i] = length - shared[i];
      rests.putBytes(data, at + (int) shared[i], (int) rest[i]);
      before = at;
      at += length;
    }
    out.putInt(rests.size());
    IntegerStream.encode(shared, entries, Access.SEQUENTIAL, out);
    IntegerStream.encode(rest, entries, Access.SEQUENTIAL, out);
    out.putBytes(rests.array(), 0, rests.size());
  }

  static BytesVec read(PageBody body, int entries) {
    byte[] in = body.bytes();
    int sharedAt = body.at() + HEAD_BYTES;
    int restsAt = sharedAt + IntegerStream.length(in, sharedAt, entries);
    int[] shared = new int[entries];
    int[] length = new int[entries];
    IntegerStream.decodeInts(in, sharedAt, 0, entries, shared, 0);
    IntegerStream.decodeInts(in, restsAt, 0, entries, length, 0);
    int from = restsAt + IntegerStream.length(in, restsAt, entries);
    if (LittleEndian.getInt(in, body.at()) != sum(length)) {
      throw new IndexOutOfBoundsException("entries are not as long as the page says");
    }
    byte[] data = new byte[Math.toIntExact(sum(shared) + sum(length))];
    int[] start = new int[entries];
    int at = 0;
    for (int i = 0; i < entries; i++) {
      start[i] = at;
      System.arraycopy(data, i == 0 ? 0 : start[i - 1], data, at, shared[i]);
      System.arraycopy(in, from, data, at + shared[i], length[i]);
      from += length[i];
      length[i] += shared[i];
      at += length[i];
    }
    return BytesVec.of(data, start, length, null, entries);
  }

  private static long sum(int[] lengths) {
    long sum = 0;
    for (int length : lengths) {
      sum += length;
    }
    return sum;
  }
}

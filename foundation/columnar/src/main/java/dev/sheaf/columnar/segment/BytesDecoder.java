package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;

/** Turns consecutive slices of a BYTES column into one vector of views. Pure. */
final class BytesDecoder {
  private BytesDecoder() {}

  /** Entries of a dictionary page. */
  static BytesVec dictionary(PageBody body, int entries) {
    if (body.kind() == Page.PREFIXED) {
      return PrefixedPage.read(body, entries);
    }
    return plain(new Slice[] {new Slice(body, entries, 0, entries)}, entries);
  }

  /** Plain values: views of the page itself when it is only one, else of a copy of all. */
  static BytesVec plain(Slice[] slices, int count) {
    BytesPage[] pages = new BytesPage[slices.length];
    long total = 0;
    for (int i = 0; i < slices.length; i++) {
      if (slices[i].body().kind() != Page.ALL_NULL) {
        VecDecoder.expect(slices[i].body(), Page.BYTES);
        pages[i] = BytesPage.open(slices[i].body(), slices[i].rows());
        total += pages[i].dataLength();
      }
    }
    int[] start = new int[count];
    int[] length = new int[count];
    byte[] data;
    if (slices.length == 1 && pages[0] != null) {
      data = pages[0].bytes();
      pages[0].views(slices[0].from(), count, pages[0].dataAt(), start, length, 0);
    } else {
      data = new byte[Math.toIntExact(total)];
      int base = 0;
      int to = 0;
      for (int i = 0; i < slices.length; i++) {
        if (pages[i] != null) {
          System.arraycopy(pages[i].bytes(), pages[i].dataAt(), data, base, pages[i].dataLength());
          pages[i].views(slices[i].from(), slices[i].count(), base, start, length, to);
          base += pages[i].dataLength();
        }
        to += slices[i].count();
      }
    }
    return BytesVec.of(data, start, length, VecDecoder.validity(slices, count), count);
  }

  /** Dictionary-coded values. */
  static BytesVec coded(Slice[] slices, int count, BytesVec dictionary) {
    int[] codes = new int[count];
    int to = 0;
    for (Slice slice : slices) {
      PageBody body = slice.body();
      if (body.kind() != Page.ALL_NULL) {
        VecDecoder.expect(body, Page.CODES);
        IntegerStream.decodeInts(body.bytes(), body.at(), slice.from(), slice.count(), codes, to);
      }
      to += slice.count();
    }
    int[] start = new int[count];
    int[] length = new int[count];
    gather(dictionary.start(), codes, start, count);
    gather(dictionary.length(), codes, length, count);
    return new BytesVec(
        dictionary.data(),
        start,
        length,
        codes,
        dictionary,
        VecDecoder.validity(slices, count),
        count);
  }

  private static void gather(int[] entries, int[] codes, int[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = entries[codes[i]];
    }
  }

  /** Front-coded keys. */
  static BytesVec keys(Slice[] slices, int count) {
    long total = 0;
    for (Slice slice : slices) {
      VecDecoder.expect(slice.body(), Page.KEYS);
      total += KeyPage.open(slice.body()).rawLength();
    }
    byte[] data = new byte[Math.toIntExact(total)];
    int[] start = new int[count];
    int[] length = new int[count];
    int end = 0;
    int to = 0;
    for (Slice slice : slices) {
      KeyPage page = KeyPage.open(slice.body());
      end = page.expand(slice.from(), slice.count(), data, end, start, length, to);
      to += slice.count();
    }
    byte[] used = end * 2 < data.length ? Arrays.copyOf(data, end) : data;
    return BytesVec.of(used, start, length, null, count);
  }
}

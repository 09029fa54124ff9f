package dev.sheaf.columnar.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.ArrowBuf;

/** Appends bits to a bitmap in Arrow's order (least significant first). Not thread-safe. */
final class BitPacker {
  private final long[] words;
  private int size;

  BitPacker(int capacity) {
    words = new long[((capacity + 63) >>> 6) + 1];
  }

  void appendOnes(int count) {
    for (int left = count; left > 0; ) {
      int n = Math.min(left, 64);
      appendWord(-1L, n);
      left -= n;
    }
  }

  /** Appends bits {@code from .. from + count} of a bitmap of 64-bit words. */
  void append(long[] bits, int from, int count) {
    for (int done = 0; done < count; done += 64) {
      int n = Math.min(64, count - done);
      int at = from + done;
      int shift = at & 63;
      long word = bits[at >>> 6] >>> shift;
      if (shift != 0 && n > 64 - shift) {
        word |= bits[(at >>> 6) + 1] << (64 - shift);
      }
      appendWord(word, n);
    }
  }

  /** Appends the low {@code count} (1..64) bits of a word. */
  void appendWord(long word, int count) {
    long bits = count == 64 ? word : word & ((1L << count) - 1);
    int shift = size & 63;
    words[size >>> 6] |= bits << shift;
    if (shift != 0 && shift + count > 64) {
      words[(size >>> 6) + 1] |= bits >>> (64 - shift);
    }
    size += count;
  }

  void copyTo(ArrowBuf target) {
    int bytes = (size + 7) >>> 3;
    ByteBuffer out = target.nioBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    int whole = bytes >>> 3;
    out.asLongBuffer().put(words, 0, whole);
    for (int i = whole << 3; i < bytes; i++) {
      out.put(i, (byte) (words[whole] >>> ((i & 7) << 3)));
    }
  }
}

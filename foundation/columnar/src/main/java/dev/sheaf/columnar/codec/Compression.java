package dev.sheaf.columnar.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Zstandard frames of one call each. Thread-safe. */
public final class Compression {
  /** Higher levels win a few percent for several times the work. */
  private static final int LEVEL = 1;

  private static final int TOO_SMALL = 64;

  private Compression() {}

  /**
   * The compressed bytes, or null when compression would not save a fifth: then decompression costs
   * more than the transfer it saves.
   */
  public static byte @Nullable [] compressIfItPays(byte[] in, int from, int length) {
    if (length < TOO_SMALL) {
      return null;
    }
    byte[] out = new byte[(int) Zstd.compressBound(length)];
    long size = compress(in, from, length, out);
    return Zstd.isError(size) || size > length - length / 5 ? null : Arrays.copyOf(out, (int) size);
  }

  /** The compressed bytes, whatever is saved. */
  public static byte[] compress(byte[] in, int from, int length) {
    byte[] out = new byte[(int) Zstd.compressBound(length)];
    long size = compress(in, from, length, out);
    if (Zstd.isError(size)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
    }
    return Arrays.copyOf(out, (int) size);
  }

  private static long compress(byte[] in, int from, int length, byte[] out) {
    return Zstd.compressByteArray(out, 0, out.length, in, from, length, LEVEL);
  }

  /**
   * Fills {@code rawLength} bytes of {@code out}.
   *
   * @throws IndexOutOfBoundsException when the frame does not hold exactly that many
   */
  public static void decompress(
      byte[] in, int from, int length, byte[] out, int to, int rawLength) {
    long size;
    try {
      size = Zstd.decompressByteArray(out, to, rawLength, in, from, length);
    } catch (ZstdException e) {
      throw new IndexOutOfBoundsException("bad zstd frame: " + e.getMessage());
    }
    if (size != rawLength) {
      throw new IndexOutOfBoundsException("zstd frame holds " + size + " bytes, not " + rawLength);
    }
  }
}

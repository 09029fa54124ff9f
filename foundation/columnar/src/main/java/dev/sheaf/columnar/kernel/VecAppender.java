package dev.sheaf.columnar.kernel;

import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A column that grows by chosen rows of vectors: what joins and sorts keep of their input. Owns its
 * bytes; an entry of a dictionary is stored once however often its code occurs. One thread.
 */
public final class VecAppender {
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 16;

  private final PhysicalType type;
  private int size;
  private byte[] bools = new byte[0];
  private int[] ints = new int[0];
  private int[] lengths = new int[0];
  private long[] longs = new long[0];
  private long[] lows = new long[0];
  private double[] doubles = new double[0];
  private byte[] data = new byte[0];
  private int dataSize;
  private long @Nullable [] validity;
  private @Nullable BytesVec lastDictionary;
  private int[] entryStart = new int[0];

  public VecAppender(PhysicalType type) {
    this.type = type;
  }

  public int size() {
    return size;
  }

  /** Bytes that appending these rows may make the builder allocate; ask before {@link #append}. */
  public long growthBytes(Vec vec, int @Nullable [] selection, int count) {
    long growth = growth(size + (long) count, capacity(), slotBytes());
    if (vec instanceof BytesVec bytes) {
      growth += growth(dataSize + newBytes(bytes, selection, count), data.length, 1);
    }
    if (validity != null || vec.hasNulls()) {
      growth += growth((size + (long) count + 63) >>> 6, validity == null ? 0 : validity.length, 8);
    }
    return growth;
  }

  private static long growth(long needed, int capacity, int slotBytes) {
    return needed <= capacity ? 0 : (newCapacity(needed, capacity) - capacity) * slotBytes;
  }

  private static long newCapacity(long needed, int capacity) {
    return Math.max(needed, Math.min(MAX_ARRAY, Math.max(64, capacity + (capacity >> 1))));
  }

  private int capacity() {
    return switch (type) {
      case BOOL -> bools.length;
      case INT, BYTES -> ints.length;
      case LONG, INT128 -> longs.length;
      case DOUBLE -> doubles.length;
    };
  }

  private int slotBytes() {
    return switch (type) {
      case BOOL -> 1;
      case INT -> 4;
      case LONG, DOUBLE, BYTES -> 8;
      case INT128 -> 16;
    };
  }

  private long newBytes(BytesVec vec, int @Nullable [] selection, int count) {
    BytesVec dictionary = vec.dictionary();
    if (dictionary != null && dictionary.size() <= count) {
      return dictionary == lastDictionary ? 0 : sum(dictionary, null, dictionary.size());
    }
    return sum(vec, selection, count);
  }

  private static long sum(BytesVec vec, int @Nullable [] selection, int count) {
    long bytes = 0;
    for (int k = 0; k < count; k++) {
      bytes += vec.length()[selection == null ? k : selection[k]];
    }
    return bytes;
  }

  /** Appends the rows {@code selection[0..count)}, or the first {@code count}. */
  public void append(Vec vec, int @Nullable [] selection, int count) {
    ensure(size + count);
    appendValidity(vec.validity(), selection, count);
    switch (vec) {
      case BoolVec v -> {
        for (int k = 0; k < count; k++) {
          bools[size + k] = v.values()[selection == null ? k : selection[k]];
        }
      }
      case IntVec v -> {
        for (int k = 0; k < count; k++) {
          ints[size + k] = v.values()[selection == null ? k : selection[k]];
        }
      }
      case LongVec v -> copy(v.values(), selection, count, longs, size);
      case DoubleVec v -> {
        for (int k = 0; k < count; k++) {
          doubles[size + k] = v.values()[selection == null ? k : selection[k]];
        }
      }
      case Int128Vec v -> {
        copy(v.high(), selection, count, longs, size);
        copy(v.low(), selection, count, lows, size);
      }
      case BytesVec v -> appendBytes(v, selection, count);
    }
    size += count;
  }

  private static void copy(long[] in, int @Nullable [] selection, int count, long[] out, int at) {
    if (selection == null) {
      System.arraycopy(in, 0, out, at, count);
    } else {
      for (int k = 0; k < count; k++) {
        out[at + k] = in[selection[k]];
      }
    }
  }

  private void appendBytes(BytesVec vec, int @Nullable [] selection, int count) {
    BytesVec dictionary = vec.dictionary();
    int[] codes = vec.codes();
    if (dictionary != null && codes != null && dictionary.size() <= count) {
      appendCoded(dictionary, codes, vec.length(), selection, count);
      return;
    }
    ensureData(dataSize + sum(vec, selection, count));
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      int length = vec.length()[i];
      ints[size + k] = dataSize;
      lengths[size + k] = length;
      System.arraycopy(vec.data(), vec.start()[i], data, dataSize, length);
      dataSize += length;
    }
  }

  private void appendCoded(
      BytesVec dictionary, int[] codes, int[] length, int @Nullable [] selection, int count) {
    if (dictionary != lastDictionary) {
      ensureData(dataSize + sum(dictionary, null, dictionary.size()));
      entryStart = new int[dictionary.size()];
      for (int e = 0; e < entryStart.length; e++) {
        int bytes = dictionary.length()[e];
        entryStart[e] = dataSize;
        System.arraycopy(dictionary.data(), dictionary.start()[e], data, dataSize, bytes);
        dataSize += bytes;
      }
      lastDictionary = dictionary;
    }
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      ints[size + k] = entryStart[codes[i]];
      lengths[size + k] = dictionary.length()[codes[i]];
    }
  }

  private void appendValidity(long @Nullable [] in, int @Nullable [] selection, int count) {
    if (in == null && validity == null) {
      return;
    }
    long[] out = validity;
    int words = Validity.words(size + count);
    if (out == null) {
      out = Validity.allValid(size);
    }
    if (words > out.length) {
      out = Arrays.copyOf(out, (int) newCapacity(words, out.length));
    }
    validity = out;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      boolean valid = in == null || (in[i >>> 6] >>> (i & 63) & 1) != 0;
      if (valid) {
        Validity.setValid(out, size + k);
      } else {
        Validity.setNull(out, size + k);
      }
    }
  }

  private void ensure(int needed) {
    int capacity = capacity();
    if (needed <= capacity) {
      if (needed < 0) {
        throw tooLarge();
      }
      return;
    }
    int grown = (int) newCapacity(needed, capacity);
    switch (type) {
      case BOOL -> bools = Arrays.copyOf(bools, grown);
      case INT -> ints = Arrays.copyOf(ints, grown);
      case LONG -> longs = Arrays.copyOf(longs, grown);
      case DOUBLE -> doubles = Arrays.copyOf(doubles, grown);
      case INT128 -> {
        longs = Arrays.copyOf(longs, grown);
        lows = Arrays.copyOf(lows, grown);
      }
      case BYTES -> {
        ints = Arrays.copyOf(ints, grown);
        lengths = Arrays.copyOf(lengths, grown);
      }
    }
  }

  private void ensureData(long needed) {
    if (needed > MAX_ARRAY) {
      throw tooLarge();
    }
    if (needed > data.length) {
      data = Arrays.copyOf(data, (int) newCapacity(needed, data.length));
    }
  }

  private static SheafException tooLarge() {
    return new SheafException(
        ErrorCode.OUT_OF_MEMORY, "out of memory: a column kept in memory exceeds 2 GiB");
  }

  /** All rows so far; shares the builder's arrays, so append no more. */
  public Vec build() {
    return switch (type) {
      case BOOL -> new BoolVec(bools, validity, size);
      case INT -> new IntVec(ints, validity, size);
      case LONG -> new LongVec(longs, validity, size);
      case DOUBLE -> new DoubleVec(doubles, validity, size);
      case INT128 -> new Int128Vec(longs, lows, validity, size);
      case BYTES -> BytesVec.of(data, ints, lengths, validity, size);
    };
  }
}

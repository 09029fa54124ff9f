package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Hashing;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the key columns of a batch's live rows into words and a hash each, and words back into
 * columns. The hash depends on the values alone, not on how strings happen to be numbered, so equal
 * keys meet across encoders. One thread; look-up encoders share the interners of a finished table.
 */
final class KeyEncoder {
  private final KeyLayout layout;
  private final BytesInterner[] interners;
  private final boolean adds;
  private final @Nullable BytesVec[] lastDictionary;
  private final int[][] idOfCode;
  private long[][] words;
  private long[] hashes = new long[0];

  private KeyEncoder(KeyLayout layout, BytesInterner[] interners, boolean adds) {
    this.layout = layout;
    this.interners = interners;
    this.adds = adds;
    this.lastDictionary = new BytesVec[layout.types().length];
    this.idOfCode = new int[layout.types().length][];
    this.words = new long[layout.words()][0];
  }

  /** An encoder that numbers strings it has not seen. */
  static KeyEncoder adding(KeyLayout layout, Reservation memory) {
    BytesInterner[] interners = new BytesInterner[layout.types().length];
    for (int c = 0; c < interners.length; c++) {
      interners[c] = new BytesInterner(memory);
    }
    return new KeyEncoder(layout, interners, true);
  }

  /** An encoder for another thread that only finds. */
  KeyEncoder lookup() {
    return new KeyEncoder(layout, interners, false);
  }

  KeyLayout layout() {
    return layout;
  }

  /** words()[w][k]: word w of the k-th live row encoded last. */
  long[][] words() {
    return words;
  }

  /** hashes()[k]: hash of the k-th live row encoded last. */
  long[] hashes() {
    return hashes;
  }

  /** Encodes columns {@code keys} of the batch's live rows. */
  void encode(Batch batch, int[] keys) {
    int n = batch.selected();
    if (hashes.length < n) {
      hashes = new long[n];
      words = new long[layout.words()][n];
    }
    int[] selection = batch.selection();
    if (layout.nullWord() >= 0) {
      for (int w = layout.nullWord(); w < layout.words(); w++) {
        Arrays.fill(words[w], 0, n, 0);
      }
    }
    for (int c = 0; c < keys.length; c++) {
      Vec vec = batch.column(keys[c]);
      encodeColumn(vec, c, selection, n);
      if (vec.hasNulls()) {
        markNulls(vec, c, selection, n);
      }
      hashColumn(c, n);
    }
    if (keys.length == 0) {
      Arrays.fill(hashes, 0, n, 0);
    }
  }

  private void encodeColumn(Vec vec, int c, int @Nullable [] selection, int n) {
    long[] out = words[layout.offsets()[c]];
    switch (vec) {
      case BoolVec v -> {
        for (int k = 0; k < n; k++) {
          out[k] = v.values()[selection == null ? k : selection[k]];
        }
      }
      case IntVec v -> {
        int[] in = v.values();
        for (int k = 0; k < n; k++) {
          out[k] = in[selection == null ? k : selection[k]];
        }
      }
      case LongVec v -> take(v.values(), selection, n, out);
      case DoubleVec v -> {
        for (int k = 0; k < n; k++) {
          out[k] = Double.doubleToLongBits(v.values()[selection == null ? k : selection[k]] + 0.0);
        }
      }
      case Int128Vec v -> {
        take(v.low(), selection, n, out);
        take(v.high(), selection, n, words[layout.offsets()[c] + 1]);
      }
      case BytesVec v -> encodeBytes(v, c, selection, n, out);
    }
  }

  private static void take(long[] in, int @Nullable [] selection, int n, long[] out) {
    if (selection == null) {
      System.arraycopy(in, 0, out, 0, n);
    } else {
      for (int k = 0; k < n; k++) {
        out[k] = in[selection[k]];
      }
    }
  }

  private void encodeBytes(BytesVec v, int c, int @Nullable [] selection, int n, long[] out) {
    int[] codes = v.codes();
    BytesVec dictionary = v.dictionary();
    if (codes != null && dictionary != null && (same(dictionary, c) || dictionary.size() <= n)) {
      int[] ids = idsOf(dictionary, c);
      for (int k = 0; k < n; k++) {
        out[k] = ids[codes[selection == null ? k : selection[k]]];
      }
    } else {
      for (int k = 0; k < n; k++) {
        int i = selection == null ? k : selection[k];
        if (!v.isNull(i)) {
          out[k] = id(v, i, c);
        }
      }
    }
    if (!adds) {
      for (int k = 0; k < n; k++) {
        out[k] = out[k] < 0 ? KeyLayout.ABSENT_WORD : out[k];
      }
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean same(BytesVec dictionary, int c) {
    return lastDictionary[c] == dictionary;
  }

  private int[] idsOf(BytesVec dictionary, int c) {
    if (!same(dictionary, c)) {
      int[] ids = new int[dictionary.size()];
      for (int e = 0; e < ids.length; e++) {
        ids[e] = id(dictionary, e, c);
      }
      lastDictionary[c] = dictionary;
      idOfCode[c] = ids;
    }
    return idOfCode[c];
  }

  private int id(BytesVec v, int i, int c) {
    return adds
        ? interners[c].intern(v.data(), v.start()[i], v.length()[i])
        : interners[c].find(v.data(), v.start()[i], v.length()[i]);
  }

  private void markNulls(Vec vec, int c, int @Nullable [] selection, int n) {
    boolean narrow = KeyLayout.narrow(layout.types()[c]);
    int nullWord = layout.nullWord();
    for (int k = 0; k < n; k++) {
      if (vec.isNull(selection == null ? k : selection[k])) {
        words[layout.offsets()[c]][k] = narrow ? KeyLayout.NULL_WORD : 0;
        if (!narrow && nullWord >= 0) {
          words[nullWord + c / Long.SIZE][k] |= 1L << c;
        }
        if (vec instanceof Int128Vec) {
          words[layout.offsets()[c] + 1][k] = 0;
        }
      }
    }
  }

  private void hashColumn(int c, int n) {
    long[] in = words[layout.offsets()[c]];
    long[] out = hashes;
    boolean first = c == 0;
    if (interned(c)) {
      BytesInterner interner = interners[c];
      for (int k = 0; k < n; k++) {
        long value = in[k] >= 0 ? interner.hashOf((int) in[k]) : in[k];
        out[k] = first ? Hashing.mix(value) : Hashing.combine(out[k], value);
      }
    } else if (first) {
      for (int k = 0; k < n; k++) {
        out[k] = Hashing.mix(in[k]);
      }
    } else {
      for (int k = 0; k < n; k++) {
        out[k] = Hashing.combine(out[k], in[k]);
      }
    }
  }

  private boolean interned(int c) {
    return layout.types()[c] == dev.sheaf.protocol.type.PhysicalType.BYTES;
  }

  /** Strings known so far in a key column of text. */
  BytesInterner interner(int c) {
    return interners[c];
  }

  /** Key column c of rows stored as consecutive words: row r begins at {@code keys[r * words]}. */
  Vec decode(int c, long[] keys, int[] rows, int count) {
    int stride = layout.words();
    int offset = layout.offsets()[c];
    long @Nullable [] validity = validity(c, keys, rows, count);
    long[] values = new long[count];
    for (int k = 0; k < count; k++) {
      values[k] = keys[rows[k] * stride + offset];
    }
    return switch (layout.types()[c]) {
      case BOOL -> {
        byte[] out = new byte[count];
        for (int k = 0; k < count; k++) {
          out[k] = (byte) values[k];
        }
        yield new BoolVec(out, validity, count);
      }
      case INT -> {
        int[] out = new int[count];
        for (int k = 0; k < count; k++) {
          out[k] = (int) values[k];
        }
        yield new IntVec(out, validity, count);
      }
      case LONG -> new LongVec(values, validity, count);
      case DOUBLE -> {
        double[] out = new double[count];
        for (int k = 0; k < count; k++) {
          out[k] = Double.longBitsToDouble(values[k]);
        }
        yield new DoubleVec(out, validity, count);
      }
      case INT128 -> {
        long[] high = new long[count];
        for (int k = 0; k < count; k++) {
          high[k] = keys[rows[k] * stride + offset + 1];
        }
        yield new Int128Vec(high, values, validity, count);
      }
      case BYTES -> {
        int[] ids = new int[count];
        for (int k = 0; k < count; k++) {
          ids[k] = values[k] < 0 ? -1 : (int) values[k];
        }
        yield interners[c].strings(ids, validity);
      }
    };
  }

  private long @Nullable [] validity(int c, long[] keys, int[] rows, int count) {
    int stride = layout.words();
    boolean narrow = KeyLayout.narrow(layout.types()[c]);
    if (!narrow && layout.nullWord() < 0) {
      return null;
    }
    long @Nullable [] validity = null;
    for (int k = 0; k < count; k++) {
      int base = rows[k] * stride;
      boolean isNull =
          narrow
              ? keys[base + layout.offsets()[c]] == KeyLayout.NULL_WORD
              : (keys[base + layout.nullWord() + c / Long.SIZE] >>> c & 1) != 0;
      if (isNull) {
        if (validity == null) {
          validity = Validity.allValid(count);
        }
        Validity.setNull(validity, k);
      }
    }
    return validity;
  }
}

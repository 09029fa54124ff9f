package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;

/**
 * The build side of a hash join: rows as columns, heads of chains by hash, and per row its key
 * words and the next row of its chain. Rows of equal keys chain in input order. Immutable once
 * built and shared by all workers.
 */
final class JoinTable {
  private static final int MAX_ROWS = 1 << 28;

  private final Batch rows;
  private final KeyEncoder encoder;
  private final int stride;
  private final int[] heads;
  private final int[] next;
  private final long[] keys;
  private final boolean unique;

  private JoinTable(
      Batch rows, KeyEncoder encoder, int[] heads, int[] next, long[] keys, boolean unique) {
    this.rows = rows;
    this.encoder = encoder;
    this.stride = encoder.layout().words();
    this.heads = heads;
    this.next = next;
    this.keys = keys;
    this.unique = unique;
  }

  /** What a table over these rows takes, about, without the rows themselves. */
  static long sizeBytes(Batch rows, int[] keyColumns, KeyLayout layout) {
    long bytes = 4L * capacity(rows.rows()) + (12L + 8L * layout.words()) * rows.rows();
    for (int column : keyColumns) {
      if (rows.column(column) instanceof Vec.BytesVec text) {
        // Doubled as it grows: numbers, hashes and bytes of distinct strings.
        long data = 0;
        for (int i = 0; i < text.size(); i++) {
          data += text.length()[i];
        }
        bytes += 2 * (data + 32L * text.size());
      }
    }
    return bytes;
  }

  private static int capacity(int rows) {
    return Math.max(1024, Integer.highestOneBit(Math.max(1, rows - 1)) * 4);
  }

  static JoinTable build(
      Batch rows,
      int[] keyColumns,
      KeyLayout layout,
      boolean[] nullsAreEqual,
      Execution execution,
      Reservation memory) {
    int n = rows.rows();
    if (n > MAX_ROWS) {
      throw new SheafException(
          ErrorCode.OUT_OF_MEMORY, "out of memory: more than " + MAX_ROWS + " rows to join with");
    }
    int stride = layout.words();
    int capacity = capacity(n);
    memory.add(4L * capacity + 4L * n + 8L * n * stride + 8L * n);
    int[] heads = new int[capacity];
    Arrays.fill(heads, -1);
    int[] next = new int[n];
    long[] keys = new long[Math.multiplyExact(n, stride)];
    long[] hashes = new long[n];
    byte[] skipped = new byte[n];
    KeyEncoder encoder = KeyEncoder.adding(layout, memory);
    for (int from = 0; from < n; from += Batch.MAX_ROWS) {
      execution.check();
      int count = Math.min(Batch.MAX_ROWS, n - from);
      encode(rows, from, count, keyColumns, encoder, keys, hashes);
      markSkipped(rows, from, count, keyColumns, nullsAreEqual, skipped);
    }
    boolean unique = link(heads, next, keys, hashes, skipped, stride);
    memory.remove(8L * n);
    return new JoinTable(rows, encoder, heads, next, keys, unique);
  }

  private static void encode(
      Batch rows,
      int from,
      int count,
      int[] keyColumns,
      KeyEncoder encoder,
      long[] keys,
      long[] hashes) {
    Vec[] part = new Vec[keyColumns.length];
    int[] all = new int[keyColumns.length];
    for (int c = 0; c < part.length; c++) {
      part[c] = Gather.slice(rows.column(keyColumns[c]), from, count);
      all[c] = c;
    }
    encoder.encode(Batch.of(part, count), all);
    System.arraycopy(encoder.hashes(), 0, hashes, from, count);
    int stride = encoder.layout().words();
    for (int w = 0; w < stride; w++) {
      long[] words = encoder.words()[w];
      for (int k = 0; k < count; k++) {
        keys[(from + k) * stride + w] = words[k];
      }
    }
  }

  /** Rows that match nothing because a key is NULL. */
  private static void markSkipped(
      Batch rows, int from, int count, int[] keyColumns, boolean[] nullsAreEqual, byte[] skipped) {
    for (int c = 0; c < keyColumns.length; c++) {
      Vec key = rows.column(keyColumns[c]);
      if (key.hasNulls() && !nullsAreEqual[c]) {
        for (int i = from; i < from + count; i++) {
          if (key.isNull(i)) {
            skipped[i] = 1;
          }
        }
      }
    }
  }

  /**
   * From the last row to the first, so that chains ascend. Stops looking for equals at the first.
   */
  private static boolean link(
      int[] heads, int[] next, long[] keys, long[] hashes, byte[] skipped, int stride) {
    boolean unique = true;
    int mask = heads.length - 1;
    for (int i = next.length - 1; i >= 0; i--) {
      if (skipped[i] != 0) {
        continue;
      }
      int slot = (int) hashes[i] & mask;
      next[i] = heads[slot];
      heads[slot] = i;
      for (int other = next[i]; unique && other >= 0; other = next[other]) {
        unique = !equal(keys, i, other, stride);
      }
    }
    return unique;
  }

  private static boolean equal(long[] keys, int a, int b, int stride) {
    for (int w = 0; w < stride; w++) {
      if (keys[a * stride + w] != keys[b * stride + w]) {
        return false;
      }
    }
    return true;
  }

  Batch rows() {
    return rows;
  }

  /** No two rows have equal keys. */
  boolean isUnique() {
    return unique;
  }

  /** An encoder for a worker's probe rows. */
  KeyEncoder probeEncoder() {
    return encoder.lookup();
  }

  /** First row of the chain of each hash, -1 = none. */
  void heads(long[] hashes, int n, int[] out) {
    int[] table = heads;
    int mask = table.length - 1;
    for (int k = 0; k < n; k++) {
      out[k] = table[(int) hashes[k] & mask];
    }
  }

  /** The row itself or the next of its chain that has the k-th key; -1 = none. */
  int match(int row, long[][] words, int k) {
    int candidate = row;
    if (stride == 1) {
      long word = words[0][k];
      while (candidate >= 0 && keys[candidate] != word) {
        candidate = next[candidate];
      }
      return candidate;
    }
    while (candidate >= 0 && !equal(candidate, words, k)) {
      candidate = next[candidate];
    }
    return candidate;
  }

  private boolean equal(int row, long[][] words, int k) {
    int base = row * stride;
    for (int w = 0; w < stride; w++) {
      if (keys[base + w] != words[w][k]) {
        return false;
      }
    }
    return true;
  }

  int next(int row) {
    return next[row];
  }
}

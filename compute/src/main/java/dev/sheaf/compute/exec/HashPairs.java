package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;

/** Pairs with equal keys, from a {@link JoinTable}: hash all, fetch all heads, then compare. */
final class HashPairs implements PairCursor {
  private static final Batch NONE = Batch.of(new Vec[0], 0);

  private final JoinTable table;
  private final KeyEncoder encoder;
  private final int[] keys;
  private final boolean[] nullsAreEqual;
  private Batch probe = NONE;
  private int[] candidates = new int[Batch.MAX_ROWS];
  private int position;

  HashPairs(JoinTable table, int[] keys, boolean[] nullsAreEqual) {
    this.table = table;
    this.encoder = table.probeEncoder();
    this.keys = keys;
    this.nullsAreEqual = nullsAreEqual;
  }

  @Override
  public void start(Batch batch) {
    probe = batch;
    position = 0;
    int n = batch.selected();
    if (candidates.length < n) {
      candidates = new int[n];
    }
    encoder.encode(batch, keys);
    table.heads(encoder.hashes(), n, candidates);
    for (int c = 0; c < keys.length; c++) {
      Vec key = batch.column(keys[c]);
      if (key.hasNulls() && !nullsAreEqual[c]) {
        for (int k = 0; k < n; k++) {
          if (key.isNull(batch.row(k))) {
            candidates[k] = -1;
          }
        }
      }
    }
  }

  @Override
  public int next(int[] probeRows, int[] buildRows, byte[] settled) {
    long[][] words = encoder.words();
    int n = probe.selected();
    int pairs = 0;
    int k = position;
    while (k < n) {
      int physical = probe.row(k);
      int row = settled[physical] != 0 ? -1 : table.match(candidates[k], words, k);
      if (row < 0) {
        k++;
        continue;
      }
      if (pairs == probeRows.length) {
        candidates[k] = row;
        break;
      }
      probeRows[pairs] = physical;
      buildRows[pairs++] = row;
      candidates[k] = table.next(row);
    }
    position = k;
    return pairs;
  }

  /**
   * For every live row its first match, -1 = none: {@code out[k]} for the k-th. Instead of {@link
   * #next}.
   */
  void firstMatches(int[] out) {
    long[][] words = encoder.words();
    int n = probe.selected();
    for (int k = 0; k < n; k++) {
      out[k] = table.match(candidates[k], words, k);
    }
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;

/**
 * Sorts row numbers: a stable merge sort that carries each row's first key word along, so most
 * comparisons touch no column. Parts are sorted in parallel, then merged pairwise.
 */
final class RowSorter {
  /** Runs of this length are sorted by insertion. */
  private static final int RUN = 16;

  /** Rows below which a second thread does not pay. */
  private static final int PARALLEL_ROWS = 1 << 16;

  private final Batch batch;
  private final SortOrder order;
  private final boolean wordDecides;
  private int[] rows;
  private long[] words;
  private int[] spareRows;
  private long[] spareWords;

  private RowSorter(Batch batch, SortOrder order) {
    this.batch = batch;
    this.order = order;
    this.wordDecides = order.firstWordDecides(batch);
    int n = batch.rows();
    this.rows = new int[n];
    for (int i = 0; i < n; i++) {
      rows[i] = i;
    }
    this.words = order.firstWords(batch, rows, n);
    this.spareRows = new int[n];
    this.spareWords = new long[n];
  }

  /** Bytes that sorting so many rows takes, the result's included. */
  static long workBytes(int rows) {
    return 24L * rows;
  }

  /** The rows of a dense batch in order. */
  static int[] sort(Batch batch, SortOrder order, Execution execution) {
    var sorter = new RowSorter(batch, order);
    int n = batch.rows();
    int parts = n < PARALLEL_ROWS ? 1 : Integer.highestOneBit(execution.parallelism());
    int partRows = Math.max(1, (n + parts - 1) / parts);
    execution
        .tasks()
        .run(
            parts,
            part -> {
              int from = Math.min(n, part * partRows);
              sorter.sortPart(from, Math.min(n, from + partRows), execution);
            });
    for (int width = partRows; width < n; width *= 2) {
      sorter.mergeAll(0, n, width, execution);
      sorter.swap();
    }
    return sorter.rows;
  }

  /** Sorts a part in place, using the same part of the spare arrays. */
  private void sortPart(int from, int to, Execution execution) {
    for (int run = from; run < to; run += RUN) {
      insertionSort(run, Math.min(to, run + RUN));
    }
    for (int width = RUN; width < to - from; width *= 2) {
      mergeAll(from, to, width, execution);
      System.arraycopy(spareRows, from, rows, from, to - from);
      System.arraycopy(spareWords, from, words, from, to - from);
    }
  }

  private void insertionSort(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      int row = rows[i];
      long word = words[i];
      int j = i - 1;
      while (j >= from && after(words[j], rows[j], word, row)) {
        rows[j + 1] = rows[j];
        words[j + 1] = words[j];
        j--;
      }
      rows[j + 1] = row;
      words[j + 1] = word;
    }
  }

  /** Whether the first sorts strictly after the second. */
  private boolean after(long wordA, int rowA, long wordB, int rowB) {
    if (wordA != wordB) {
      return wordA > wordB;
    }
    return !wordDecides && order.compare(batch, rowA, rowB) > 0;
  }

  /** Merges neighbouring runs of {@code width} rows into the spare arrays. */
  private void mergeAll(int from, int to, int width, Execution execution) {
    for (int left = from; left < to; left += 2 * width) {
      execution.check();
      int middle = Math.min(to, left + width);
      merge(left, middle, Math.min(to, middle + width));
    }
  }

  private void merge(int left, int middle, int right) {
    int a = left;
    int b = middle;
    for (int out = left; out < right; out++) {
      boolean takeB = a == middle || (b < right && after(words[a], rows[a], words[b], rows[b]));
      int from = takeB ? b++ : a++;
      spareRows[out] = rows[from];
      spareWords[out] = words[from];
    }
  }

  private void swap() {
    int[] r = rows;
    rows = spareRows;
    spareRows = r;
    long[] w = words;
    words = spareWords;
    spareWords = w;
  }
}

package dev.sheaf.pageserver.bulk;

/**
 * Sorts keys by the few bytes that mostly tell them apart, kept side by side; only where these are
 * equal are the keys themselves, which lie all over the memory, looked at. Used by one thread.
 */
final class KeySort {
  /** What is in memory for each key meanwhile. */
  static final int BYTES_A_KEY = Long.BYTES + 2 * Integer.BYTES;

  private final Keys keys;
  private final long[] heads;

  /** The keys, by place. */
  interface Keys {
    int count();

    /** How many bytes all of them have in common at the beginning. */
    int shared();

    /**
     * Eight bytes of a key behind the first {@code skipped}, as a big-endian number, zero-padded.
     */
    long head(int place, int skipped);

    int compare(int a, int b);
  }

  private KeySort(Keys keys) {
    this.keys = keys;
    this.heads = new long[keys.count()];
    int shared = keys.shared();
    for (int i = 0; i < heads.length; i++) {
      heads[i] = keys.head(i, shared);
    }
  }

  /** The places in the order of the keys; equal keys stay in the order of their places. */
  static int[] sort(Keys keys) {
    return new KeySort(keys).sorted();
  }

  /** Merge sort, bottom up: stable, no boxing. */
  private int[] sorted() {
    int[] from = new int[heads.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = i;
    }
    int[] to = new int[from.length];
    for (int width = 1; width < from.length; width *= 2) {
      for (int low = 0; low < from.length; low += 2 * width) {
        merge(from, to, low, Math.min(low + width, from.length), low + 2 * width);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private void merge(int[] from, int[] to, int low, int middle, int wantedHigh) {
    int high = Math.min(wantedHigh, from.length);
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeLeft = left < middle && (right >= high || compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }

  private int compare(int a, int b) {
    int byHead = Long.compareUnsigned(heads[a], heads[b]);
    return byHead != 0 ? byHead : keys.compare(a, b);
  }
}

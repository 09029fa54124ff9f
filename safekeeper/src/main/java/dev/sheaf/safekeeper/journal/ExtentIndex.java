package dev.sheaf.safekeeper.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the bytes of one log lie in the journal: runs of log, ascending and apart, each in one
 * piece in one file. 20 bytes of memory a run. Not thread-safe.
 */
final class ExtentIndex {

  /** Told when bytes in a file begin or cease to be needed. */
  interface Accounting {
    void changed(long file, long bytes);
  }

  /**
   * @param begin LSN
   * @param address of the byte at {@code begin}
   */
  record Extent(long begin, long address, int length) {
    long end() {
      return begin + length;
    }

    /** The part of this run in a range; length 0 or less if it is apart. */
    Extent within(long from, long to) {
      long first = Math.max(begin, from);
      long last = Math.min(end(), to);
      return new Extent(first, address + (first - begin), (int) Math.max(0, last - first));
    }
  }

  private final Accounting accounting;
  private long[] begins = new long[4];
  private long[] addresses = new long[4];
  private int[] lengths = new int[4];
  private int first;
  private int end;

  ExtentIndex(Accounting accounting) {
    this.accounting = accounting;
  }

  int size() {
    return end - first;
  }

  /** The i-th run, from 0. */
  Extent get(int i) {
    int at = first + i;
    return new Extent(begins[at], addresses[at], lengths[at]);
  }

  /** Index of the first run that ends beyond a position; {@link #size} if none does. */
  int firstEndingAfter(long position) {
    int low = first;
    int high = end;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (begins[middle] + lengths[middle] <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - first;
  }

  /** Says where a range lies; replaces what was known of it. */
  void put(Extent extent) {
    if (size() == 0 || begins[end - 1] + lengths[end - 1] <= extent.begin) {
      add(extent);
      return;
    }
    List<Extent> pieces = new ArrayList<>();
    pieces.add(extent);
    for (int i = 0; i < size(); i++) {
      Extent each = get(i);
      pieces.add(each.within(each.begin, extent.begin));
      pieces.add(each.within(extent.end(), each.end()));
    }
    clear();
    pieces.stream()
        .filter(piece -> piece.length > 0)
        .sorted(Comparator.comparingLong(Extent::begin))
        .forEach(this::add);
  }

  private void add(Extent extent) {
    if (end == begins.length) {
      makeRoom();
    }
    begins[end] = extent.begin;
    addresses[end] = extent.address;
    lengths[end] = extent.length;
    end++;
    accounting.changed(Address.file(extent.address), extent.length);
  }

  private void makeRoom() {
    int size = size();
    int capacity = size * 2 > begins.length ? begins.length * 2 : begins.length;
    begins = shifted(begins, capacity);
    addresses = shifted(addresses, capacity);
    int[] moved = new int[capacity];
    System.arraycopy(lengths, first, moved, 0, size);
    lengths = moved;
    first = 0;
    end = size;
  }

  private long[] shifted(long[] from, int capacity) {
    long[] moved = new long[capacity];
    System.arraycopy(from, first, moved, 0, size());
    return moved;
  }

  /** The log ends at a position now. */
  void truncate(long position) {
    while (size() > 0 && begins[end - 1] + lengths[end - 1] > position) {
      int last = end - 1;
      int keep = (int) Math.max(0, position - begins[last]);
      accounting.changed(Address.file(addresses[last]), keep - lengths[last]);
      lengths[last] = keep;
      if (keep > 0) {
        return;
      }
      end--;
    }
  }

  /** Runs that end at or below a position are not needed any more. */
  void forgetBelow(long position) {
    while (size() > 0 && begins[first] + lengths[first] <= position) {
      accounting.changed(Address.file(addresses[first]), -lengths[first]);
      first++;
    }
  }

  void clear() {
    while (size() > 0) {
      accounting.changed(Address.file(addresses[first]), -lengths[first]);
      first++;
    }
    first = 0;
    end = 0;
  }
}

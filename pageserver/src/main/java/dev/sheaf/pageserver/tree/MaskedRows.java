package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.memtable.SupersededRows;
import dev.sheaf.pageserver.memtable.Version.SupersededRow;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Collects the rows of segments that versions in memory supersede. Not thread-safe. */
final class MaskedRows {
  private final Map<Integer, Rows> bySegment = new HashMap<>();

  private static final class Rows {
    private int[] numbers = new int[16];
    private int size;

    void add(int number) {
      reserve(1);
      numbers[size++] = number;
    }

    void addAll(int[] more) {
      reserve(more.length);
      System.arraycopy(more, 0, numbers, size, more.length);
      size += more.length;
    }

    private void reserve(int count) {
      if (size + count > numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(size + count, 2 * numbers.length));
      }
    }

    int[] sorted() {
      int[] out = Arrays.copyOf(numbers, size);
      Arrays.sort(out);
      return out;
    }
  }

  /** NONE adds nothing. */
  void add(SupersededRow row) {
    if (row != SupersededRow.NONE) {
      of(row.segment()).add(row.row());
    }
  }

  void addAll(SupersededRows rows) {
    rows.bySegment().forEach((segment, numbers) -> of(segment).addAll(numbers));
  }

  private Rows of(int segment) {
    return bySegment.computeIfAbsent(segment, number -> new Rows());
  }

  SupersededRows toRows() {
    var rows = new HashMap<Integer, int[]>();
    bySegment.forEach((segment, numbers) -> rows.put(segment, numbers.sorted()));
    return new SupersededRows(Map.copyOf(rows));
  }

  /** Rows of a segment that are in {@code deleted}, ascending, or were collected; ascending. */
  int[] with(int[] deleted, int segment) {
    Rows rows = bySegment.get(segment);
    return rows == null ? deleted : union(deleted, rows.sorted());
  }

  private static int[] union(int[] a, int[] b) {
    int[] out = new int[a.length + b.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      int next = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
      if (n == 0 || out[n - 1] != next) {
        out[n++] = next;
      }
    }
    return Arrays.copyOf(out, n);
  }
}

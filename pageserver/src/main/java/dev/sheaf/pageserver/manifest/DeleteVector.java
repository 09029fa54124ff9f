package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a segment are superseded or deleted, and since when. Immutable.
 *
 * @param rows ascending, distinct
 * @param since commit timestamp of the version that superseded the row
 */
public record DeleteVector(int[] rows, long[] since) {
  public static final DeleteVector NONE = new DeleteVector(new int[0], new long[0]);

  /** What {@link #since(int)} answers for a live row. */
  public static final long NEVER = Long.MAX_VALUE;

  public int size() {
    return rows.length;
  }

  /** Since when the row is superseded, or {@link #NEVER}. */
  public long since(int row) {
    int at = Arrays.binarySearch(rows, row);
    return at < 0 ? NEVER : since[at];
  }

  /** Rows superseded at the snapshot, ascending. May share this vector's array. */
  public int[] at(Timestamp snapshot) {
    int count = 0;
    for (long each : since) {
      count += each <= snapshot.value() ? 1 : 0;
    }
    if (count == rows.length) {
      return rows;
    }
    int[] found = new int[count];
    int n = 0;
    for (int i = 0; i < rows.length; i++) {
      if (since[i] <= snapshot.value()) {
        found[n++] = rows[i];
      }
    }
    return found;
  }

  /** Without the entries of later times. */
  DeleteVector upTo(Timestamp bound) {
    int[] kept = at(bound);
    if (kept.length == rows.length) {
      return this;
    }
    long[] keptSince = new long[kept.length];
    int n = 0;
    for (long each : since) {
      if (each <= bound.value()) {
        keptSince[n++] = each;
      }
    }
    return new DeleteVector(kept, keptSince);
  }

  /** With the rows of another one; a row that is in both keeps the earlier timestamp. */
  public DeleteVector with(DeleteVector other) {
    var more = new TreeMap<Integer, Long>();
    for (int i = 0; i < other.size(); i++) {
      more.put(other.rows[i], other.since[i]);
    }
    return with(more);
  }

  /** With more rows, likewise. */
  public DeleteVector with(Map<Integer, Long> more) {
    if (more.isEmpty()) {
      return this;
    }
    SortedMap<Integer, Long> sorted = new TreeMap<>(more);
    int[] mergedRows = new int[rows.length + sorted.size()];
    long[] mergedSince = new long[mergedRows.length];
    int n = 0;
    int mine = 0;
    for (Map.Entry<Integer, Long> each : sorted.entrySet()) {
      int row = each.getKey();
      while (mine < rows.length && rows[mine] < row) {
        mergedRows[n] = rows[mine];
        mergedSince[n++] = since[mine++];
      }
      long at = each.getValue();
      if (mine < rows.length && rows[mine] == row) {
        at = Math.min(at, since[mine++]);
      }
      mergedRows[n] = row;
      mergedSince[n++] = at;
    }
    int left = rows.length - mine;
    System.arraycopy(rows, mine, mergedRows, n, left);
    System.arraycopy(since, mine, mergedSince, n, left);
    return new DeleteVector(
        Arrays.copyOf(mergedRows, n + left), Arrays.copyOf(mergedSince, n + left));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DeleteVector d
        && Arrays.equals(rows, d.rows)
        && Arrays.equals(since, d.since);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(rows);
  }
}

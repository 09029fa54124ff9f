package dev.sheaf.compute.diff;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a segment this side shows and the other does not.
 *
 * <pre>
 *                      other side: shows the row     hides it
 * this side: shows it              cannot differ     in
 *            hides it              (in, over there)  out
 * </pre>
 *
 * <p>A side shows at most one row for each key. So a key whose row both show has that row on both
 * sides and no other one: it cannot differ. All other keys are among the rows that are {@code in},
 * here or there.
 *
 * <p>Where both sides show rows up to the same time, or the other one to a later time, only rows
 * that the other's delete vector names can be in: the segment is read at those, or not at all.
 *
 * @param candidates ascending row numbers outside of which no row is in; null = any may be
 */
record OneSided(SegmentView here, @Nullable SegmentView there, int @Nullable [] candidates) {

  static OneSided of(SegmentView here, @Nullable SegmentView there) {
    if (there == null || bound(here) > bound(there)) {
      return new OneSided(here, there, null);
    }
    int[] hiddenThere =
        Arrays.stream(there.deleted()).filter(row -> !contains(here.deleted(), row)).toArray();
    return new OneSided(here, there, hiddenThere);
  }

  /** Rows that are newer are not shown. */
  private static long bound(SegmentView view) {
    return isFixed(view) ? Timestamp.MAX.value() : view.visibleUpTo().value();
  }

  private static boolean isFixed(SegmentView view) {
    return !view.fixedTimestamp().equals(Timestamp.ZERO);
  }

  /** Whether no row is in, which is known without a look at the segment. */
  boolean isEmpty() {
    return candidates != null && candidates.length == 0;
  }

  /** The first row from here on that may be in; {@code end} if none before it may. */
  long nextCandidate(long row, long end) {
    if (candidates == null) {
      return row;
    }
    int at = Arrays.binarySearch(candidates, Math.toIntExact(row));
    at = at < 0 ? -at - 1 : at;
    return at == candidates.length ? end : Math.min(end, candidates[at]);
  }

  /** The end of a window, without the rows at its end of which none can be in. */
  long shortened(long end) {
    if (candidates == null) {
      return end;
    }
    int at = Arrays.binarySearch(candidates, Math.toIntExact(end - 1));
    return at >= 0 ? end : candidates[-at - 2] + 1L;
  }

  /**
   * Positions, from {@code from}, of the rows that are in.
   *
   * @param from within the row group
   */
  int[] select(SegmentReader reader, int group, int from, int count) {
    int first = Math.toIntExact((long) group * SegmentReader.ROW_GROUP_ROWS + from);
    boolean timed =
        bound(here) != Timestamp.MAX.value()
            || (there != null && bound(there) != Timestamp.MAX.value());
    long[] timestamps = timed ? reader.timestamps(group, from, count) : new long[count];
    return IntStream.range(0, count)
        .filter(i ->
            shows(here, first + i, timestamps[i])
                && (there == null || !shows(there, first + i, timestamps[i])))
        .toArray();
  }

  private static boolean shows(SegmentView view, int row, long timestamp) {
    return timestamp <= bound(view) && !contains(view.deleted(), row);
  }

  private static boolean contains(int[] rows, int row) {
    return rows.length > 0 && Arrays.binarySearch(rows, row) >= 0;
  }
}

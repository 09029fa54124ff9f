package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.tree.LiveSegment;
import java.util.List;

/**
 * A segment as the planner sees it.
 *
 * @param columns rows of other columns never share a segment; none where nothing can be merged
 * @param superseded number of rows that are superseded or deleted
 * @param unreachable number of those that no readable timestamp sees, at least
 */
public record Candidate(
    SegmentMeta meta, List<SegmentColumn> columns, long superseded, long unreachable) {

  /**
   * @param droppedSince when the table was dropped, {@link DeleteVector#NEVER} if it was not
   * @param columns of the segment
   */
  public static Candidate of(
      LiveSegment live, ReadableTimes readable, long droppedSince, List<SegmentColumn> columns) {
    SegmentMeta meta = live.meta();
    DeleteVector deleted = live.deleted();
    long written = meta.minTimestamp().value();
    long unreachable = 0;
    if (!readable.reach(written, droppedSince)) {
      unreachable = meta.rows();
    } else {
      for (long since : deleted.since()) {
        unreachable += readable.reach(written, since) ? 0 : 1;
      }
    }
    return new Candidate(meta, columns, deleted.size(), unreachable);
  }

  /** Bytes of the rows that are not superseded, estimated. */
  long liveBytes() {
    return (long) (meta.sizeBytes() * (1 - share(superseded)));
  }

  long deadBytes() {
    return meta.sizeBytes() - liveBytes();
  }

  /** Whether nothing in it is of the present. */
  boolean isHistory() {
    return superseded == meta.rows();
  }

  /** Bytes that a merge with others would write again. */
  long keptBytes() {
    return isHistory() ? (long) (meta.sizeBytes() * (1 - share(unreachable))) : liveBytes();
  }

  boolean isUnreachable() {
    return unreachable == meta.rows();
  }

  double share(long rows) {
    return (double) rows / meta.rows();
  }

  boolean overlaps(Candidate other) {
    return java.util.Arrays.compareUnsigned(meta.minKey(), other.meta.maxKey()) <= 0
        && java.util.Arrays.compareUnsigned(other.meta.minKey(), meta.maxKey()) <= 0;
  }
}

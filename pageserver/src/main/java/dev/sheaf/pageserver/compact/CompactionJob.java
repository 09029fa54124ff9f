package dev.sheaf.pageserver.compact;

import dev.sheaf.pageserver.manifest.SegmentMeta;
import java.util.List;

/**
 * Segments to replace by what is left of them.
 *
 * @param inputs not empty; of one table and, unless all rows go, of the same columns
 */
public record CompactionJob(Reason reason, List<SegmentMeta> inputs) {

  /** Why it pays, in the order in which jobs are done. */
  public enum Reason {
    /** No readable timestamp sees a row of them, or their table: nothing is read or written. */
    UNREACHABLE,
    /** Many of about one size. */
    SMALL,
    /** Too many superseded rows in the way of scans, or of rows that nobody can see. */
    SUPERSEDED,
    /** Too many segments of full size hold the same keys. */
    OVERLAPPING
  }

  public long bytes() {
    return inputs.stream().mapToLong(SegmentMeta::sizeBytes).sum();
  }
}

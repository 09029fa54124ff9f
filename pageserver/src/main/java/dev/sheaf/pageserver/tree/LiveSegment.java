package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;

/**
 * A segment with its delete vector of the moment.
 *
 * @param newestDeletion greatest timestamp in the delete vector; 0 if it is empty
 */
public record LiveSegment(Segment segment, DeleteVector deleted, long newestDeletion) {
  public LiveSegment(Segment segment, DeleteVector deleted) {
    this(segment, deleted, Arrays.stream(deleted.since()).max().orElse(0));
  }

  /** Whether every row is superseded at the snapshot. */
  boolean isHistoryAt(Timestamp snapshot) {
    return deleted.size() == meta().rows() && newestDeletion <= snapshot.value();
  }

  public SegmentMeta meta() {
    return segment.meta();
  }
}

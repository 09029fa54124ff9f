package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
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

  public SegmentMeta meta() {
    return segment.meta();
  }
}

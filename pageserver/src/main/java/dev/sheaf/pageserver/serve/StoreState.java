package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Tree;
import java.util.HashMap;

/**
 * What shards have in the object store now.
 *
 * @param segments number of segments
 * @param bytes of them
 * @param liveBytes of the rows in them that are not superseded, by estimate
 * @param mostSegments of one table
 * @param waitingSegments that wait to be compacted
 * @param garbageObjects that wait to be deleted
 */
public record StoreState(
    long segments,
    long bytes,
    long liveBytes,
    long mostSegments,
    long waitingSegments,
    long garbageObjects) {
  static final StoreState NONE = new StoreState(0, 0, 0, 0, 0, 0);

  static StoreState of(Tree tree, int waitingSegments, int garbageObjects) {
    long segments = 0;
    long bytes = 0;
    long live = 0;
    var ofTables = new HashMap<Integer, Long>();
    for (LiveSegment segment : tree.segments()) {
      SegmentMeta meta = segment.meta();
      segments++;
      bytes += meta.sizeBytes();
      live += (long) (meta.sizeBytes() * (1 - (double) segment.deleted().size() / meta.rows()));
      Long unused = ofTables.merge(meta.tableId(), 1L, Long::sum);
    }
    long most = ofTables.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return new StoreState(segments, bytes, live, most, waitingSegments, garbageObjects);
  }

  StoreState plus(StoreState other) {
    return new StoreState(
        segments + other.segments,
        bytes + other.bytes,
        liveBytes + other.liveBytes,
        Math.max(mostSegments, other.mostSegments),
        waitingSegments + other.waitingSegments,
        garbageObjects + other.garbageObjects);
  }
}

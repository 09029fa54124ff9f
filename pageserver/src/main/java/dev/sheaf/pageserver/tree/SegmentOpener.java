package dev.sheaf.pageserver.tree;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.pageserver.manifest.SegmentMeta;

/** Opens segments of the object store, through a cache. Thread-safe. */
@FunctionalInterface
public interface SegmentOpener {
  /** XX001 if the object is absent, truncated or fails its checks. */
  SegmentReader open(SegmentMeta meta);
}

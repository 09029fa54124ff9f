package dev.sheaf.compute.storage;

import dev.sheaf.columnar.segment.SegmentReader;

/** Opens immutable segments through the compute's cache. Thread-safe. */
@FunctionalInterface
public interface SegmentOpener {
  /**
   * @param objectKey in the object store
   * @param sizeBytes of the object
   */
  SegmentReader open(String objectKey, long sizeBytes);
}

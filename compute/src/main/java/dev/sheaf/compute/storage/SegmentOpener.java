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

  /** Says that the segment is about to be opened, so that its index can be on its way. */
  default void expect(String objectKey, long sizeBytes) {}
}

package dev.sheaf.pageserver.segment;

import dev.sheaf.columnar.segment.RangeReader;
import dev.sheaf.objectstore.ObjectStore;

/** Ranges of an object store's objects. Thread-safe. */
public record StoredRanges(ObjectStore objects) implements RangeReader {

  @Override
  public byte[] read(String objectKey, long offset, int length) {
    return objects.getRange(objectKey, offset, length);
  }

  @Override
  public byte[] reread(String objectKey, long offset, int length) {
    return objects.getRangeAgain(objectKey, offset, length);
  }
}

package dev.sheaf.columnar.segment;

/**
 * One segment's bytes.
 *
 * @param objectKey names the object in errors and in the cache
 * @param sizeBytes the object's size, as the manifest or the store has it
 */
public record SegmentSource(String objectKey, long sizeBytes, RangeReader reader) {
  byte[] read(long offset, int length) {
    return reader.read(objectKey, offset, length);
  }

  byte[] reread(long offset, int length) {
    return reader.reread(objectKey, offset, length);
  }
}

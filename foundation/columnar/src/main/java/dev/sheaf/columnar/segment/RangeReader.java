package dev.sheaf.columnar.segment;

/** Ranged reads of objects by key, as an object store gives them. Thread-safe, may block. */
@FunctionalInterface
public interface RangeReader {
  /**
   * Exactly {@code length} bytes from {@code offset}; a fresh array; XX001 if they are not there.
   */
  byte[] read(String objectKey, long offset, int length);

  /**
   * As {@link #read}, from the object store itself and not from a cache on the way: for bytes that
   * turned out not to be what was written.
   */
  default byte[] reread(String objectKey, long offset, int length) {
    return read(objectKey, offset, length);
  }
}

package dev.sheaf.columnar.segment;

/** Ranged reads of objects by key, as an object store gives them. Thread-safe, may block. */
@FunctionalInterface
public interface RangeReader {
  /**
   * Exactly {@code length} bytes from {@code offset}; a fresh array; XX001 if they are not there.
   */
  byte[] read(String objectKey, long offset, int length);
}

package dev.sheaf.objectstore.cache;

/** A range of an object that has a file. Identity counts: one instance for each file. */
final class Extent {
  private static final int DISK_BLOCK = 4096;

  final String key;
  final long offset;
  final int length;

  /** Read since it was written, or since it was last spared. Guarded by the index. */
  boolean used;

  /** No longer in the index, which alone sets it. */
  volatile boolean dropped;

  Extent(String key, long offset, int length) {
    this.key = key;
    this.offset = offset;
    this.length = length;
  }

  long end() {
    return offset + length;
  }

  /** Bytes that its file takes on the disk, by estimate. */
  long diskBytes() {
    long file = ExtentFile.fileBytes(length);
    return (file + DISK_BLOCK - 1) / DISK_BLOCK * DISK_BLOCK;
  }
}

package dev.sheaf.columnar.segment;

/**
 * Open segments of one object store. An open segment is an index in memory; it lives in the block
 * cache, within its budget, and is read again when it has been driven out. Thread-safe.
 */
public final class Segments {
  private final RangeReader reader;
  private final BlockCache cache;

  public Segments(RangeReader reader, BlockCache cache) {
    this.reader = reader;
    this.cache = cache;
  }

  /**
   * Opens a segment, or gives the one already open.
   *
   * @param sizeBytes the object's size, as the manifest has it
   * @throws dev.sheaf.protocol.error.SheafException XX001 when the object is not a whole segment of
   *     that size
   */
  public SegmentReader open(String objectKey, long sizeBytes) {
    var key = new BlockCache.Key(objectKey, SegmentFile.INDEX_ENTRY, 0);
    if (cache.get(key) instanceof SegmentFile open) {
      return open;
    }
    SegmentFile segment = SegmentFile.open(new SegmentSource(objectKey, sizeBytes, reader), cache);
    cache.put(key, segment);
    return segment;
  }
}

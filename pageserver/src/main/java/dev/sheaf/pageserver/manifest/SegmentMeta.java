package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a segment without opening it.
 *
 * @param rows number of rows, at least 1
 * @param minKey least key, inclusive
 * @param maxKey greatest key, inclusive
 * @param minTimestamp of the rows
 * @param maxTimestamp of the rows
 * @param storesTimestamps whether each row has its own timestamp; else all have {@code
 *     minTimestamp}
 */
public record SegmentMeta(
    String objectKey,
    long sizeBytes,
    long rows,
    int tableId,
    byte[] minKey,
    byte[] maxKey,
    Timestamp minTimestamp,
    Timestamp maxTimestamp,
    boolean storesTimestamps) {

  /** The one timestamp of all rows, ZERO if each has its own. */
  public Timestamp fixedTimestamp() {
    return storesTimestamps ? Timestamp.ZERO : minTimestamp;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SegmentMeta s
        && objectKey.equals(s.objectKey)
        && sizeBytes == s.sizeBytes
        && rows == s.rows
        && tableId == s.tableId
        && Arrays.equals(minKey, s.minKey)
        && Arrays.equals(maxKey, s.maxKey)
        && minTimestamp.equals(s.minTimestamp)
        && maxTimestamp.equals(s.maxTimestamp)
        && storesTimestamps == s.storesTimestamps;
  }

  @Override
  public int hashCode() {
    return objectKey.hashCode();
  }
}

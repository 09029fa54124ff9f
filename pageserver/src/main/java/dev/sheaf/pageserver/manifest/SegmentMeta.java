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
 * @param maxTimestamp of the rows that exist for this shard
 * @param storesTimestamps whether each row has its own timestamp; else all have {@code
 *     minTimestamp}
 * @param capped whether the object also holds rows newer than {@code maxTimestamp}: an ancestor's,
 *     written after the shard branched off. For this shard they do not exist: whoever reads the
 *     object must pass over them
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
    boolean storesTimestamps,
    boolean capped) {

  /** Of a segment all of whose rows exist. */
  public SegmentMeta(
      String objectKey,
      long sizeBytes,
      long rows,
      int tableId,
      byte[] minKey,
      byte[] maxKey,
      Timestamp minTimestamp,
      Timestamp maxTimestamp,
      boolean storesTimestamps) {
    this(
        objectKey,
        sizeBytes,
        rows,
        tableId,
        minKey,
        maxKey,
        minTimestamp,
        maxTimestamp,
        storesTimestamps,
        false);
  }

  /** The one timestamp of all rows, ZERO if each has its own. */
  public Timestamp fixedTimestamp() {
    return storesTimestamps ? Timestamp.ZERO : minTimestamp;
  }

  /** As a branch at the timestamp sees it, which must not be before all rows. */
  public SegmentMeta upTo(Timestamp at) {
    boolean cut = maxTimestamp.isAfter(at);
    return new SegmentMeta(
        objectKey,
        sizeBytes,
        rows,
        tableId,
        minKey,
        maxKey,
        minTimestamp,
        cut ? at : maxTimestamp,
        storesTimestamps,
        capped || cut);
  }

  /** The newest of the rows that are visible at a snapshot is at or below this. */
  public Timestamp newestVisible(Timestamp snapshot) {
    return capped && snapshot.isAfter(maxTimestamp) ? maxTimestamp : snapshot;
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
        && storesTimestamps == s.storesTimestamps
        && capped == s.capped;
  }

  @Override
  public int hashCode() {
    return objectKey.hashCode();
  }
}

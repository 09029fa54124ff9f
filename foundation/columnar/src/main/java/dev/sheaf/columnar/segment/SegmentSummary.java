package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.Timestamp;
import java.nio.file.Path;

/**
 * A finished segment file, not fsynced: the object store that takes it over does that.
 *
 * @param minKey empty for a segment without rows, as is maxKey
 * @param minTimestamp {@link Timestamp#ZERO} when no timestamps are stored, as is maxTimestamp
 */
public record SegmentSummary(
    Path path,
    long sizeBytes,
    long rowCount,
    byte[] minKey,
    byte[] maxKey,
    Timestamp minTimestamp,
    Timestamp maxTimestamp) {}

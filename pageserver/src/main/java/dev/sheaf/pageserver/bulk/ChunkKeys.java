package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import org.jspecify.annotations.Nullable;

/** The keys of a segment in order, page by page. For one reader. */
final class ChunkKeys {
  private static final int PAGE_ROWS = 4096;

  private final SegmentReader segment;
  private long nextRow;
  private @Nullable BytesVec page;
  private int at;

  /** Begins at the first key at or above {@code from}. */
  ChunkKeys(SegmentReader segment, byte[] from) {
    this.segment = segment;
    this.nextRow = segment.lowerBound(from);
  }

  /** The next key, null at the end. */
  byte @Nullable [] next() {
    BytesVec current = page;
    if (current == null || at == current.size()) {
      if (nextRow >= segment.rowCount()) {
        return null;
      }
      int group = (int) (nextRow / SegmentReader.ROW_GROUP_ROWS);
      int offset = (int) (nextRow % SegmentReader.ROW_GROUP_ROWS);
      int count = Math.min(PAGE_ROWS, segment.rowsIn(group) - offset);
      current = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, offset, count);
      page = current;
      at = 0;
      nextRow += count;
    }
    return current.bytes(at++);
  }
}

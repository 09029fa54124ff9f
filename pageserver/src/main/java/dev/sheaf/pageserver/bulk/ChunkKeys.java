package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Goes over the keys of a segment in order, page by page. For one reader. */
final class ChunkKeys {
  private static final int PAGE_ROWS = 4096;

  private final SegmentReader segment;
  private long nextRow;
  private @Nullable BytesVec page;
  private int at;

  /** Stands before the first key at or above {@code from}. */
  ChunkKeys(SegmentReader segment, byte[] from) {
    this.segment = segment;
    this.nextRow = segment.lowerBound(from);
  }

  /** Stands before a row of the segment. */
  ChunkKeys(SegmentReader segment, long row) {
    this.segment = segment;
    this.nextRow = row;
  }

  /** Goes to the next key; false at the end. */
  boolean next() {
    BytesVec current = page;
    if (current != null && at + 1 < current.size()) {
      at++;
      return true;
    }
    if (nextRow >= segment.rowCount()) {
      return false;
    }
    int group = (int) (nextRow / SegmentReader.ROW_GROUP_ROWS);
    int offset = (int) (nextRow % SegmentReader.ROW_GROUP_ROWS);
    int count = Math.min(PAGE_ROWS, segment.rowsIn(group) - offset);
    page = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, offset, count);
    at = 0;
    nextRow += count;
    return true;
  }

  private BytesVec page() {
    BytesVec current = page;
    if (current == null) {
      throw new IllegalStateException("before the first key");
    }
    return current;
  }

  /** A copy of the key. */
  byte[] key() {
    return page().bytes(at);
  }

  /** Unsigned comparison of the key with another one. */
  int compareTo(byte[] other) {
    BytesVec keys = page();
    int start = keys.start()[at];
    return Arrays.compareUnsigned(
        keys.data(), start, start + keys.length()[at], other, 0, other.length);
  }

  long hash() {
    BytesVec keys = page();
    return ByteHash.of(keys.data(), keys.start()[at], keys.length()[at]);
  }
}

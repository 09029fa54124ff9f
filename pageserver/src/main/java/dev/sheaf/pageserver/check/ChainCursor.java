package dev.sheaf.pageserver.check;

import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;

/**
 * The rows of one segment that exist for a shard, one after the other; ordered as rows are: by key,
 * the newest version first. Holds a page of keys and timestamps. Used by one thread.
 */
final class ChainCursor implements Comparable<ChainCursor> {
  private static final int PAGE_ROWS = 1024;

  private final SegmentMeta meta;
  private final DeleteVector deleted;
  private final SegmentReader reader;
  private BytesVec keys = BytesVec.of(new byte[0], new int[0], new int[0], null, 0);
  private long[] timestamps = new long[0];
  private long pageStart;
  private int row;

  /** Stands before the first row. */
  ChainCursor(SegmentMeta meta, DeleteVector deleted, SegmentReader reader) {
    this.meta = meta;
    this.deleted = deleted;
    this.reader = reader;
    this.row = -1;
  }

  /** Goes to the next row that exists; false at the end. */
  boolean next() {
    do {
      row++;
      if (row == keys.size() && !nextPage()) {
        return false;
      }
    } while (timestamps[row] > meta.maxTimestamp().value());
    return true;
  }

  private boolean nextPage() {
    pageStart += keys.size();
    if (pageStart >= reader.rowCount()) {
      return false;
    }
    int group = (int) (pageStart / SegmentReader.ROW_GROUP_ROWS);
    int from = (int) (pageStart % SegmentReader.ROW_GROUP_ROWS);
    int count = Math.min(PAGE_ROWS, reader.rowsIn(group) - from);
    keys = (BytesVec) reader.read(SegmentReader.KEY_COLUMN, group, from, count);
    if (meta.storesTimestamps()) {
      timestamps = reader.timestamps(group, from, count);
    } else {
      timestamps = new long[count];
      Arrays.fill(timestamps, meta.minTimestamp().value());
    }
    row = 0;
    return true;
  }

  String objectKey() {
    return meta.objectKey();
  }

  /** Its number in the segment. */
  long row() {
    return pageStart + row;
  }

  byte[] key() {
    return keys.bytes(row);
  }

  boolean hasKey(byte[] key) {
    int start = keys.start()[row];
    return Arrays.equals(keys.data(), start, start + keys.length()[row], key, 0, key.length);
  }

  boolean isBefore(byte[] key) {
    int start = keys.start()[row];
    return Arrays.compareUnsigned(
            keys.data(), start, start + keys.length()[row], key, 0, key.length)
        < 0;
  }

  Timestamp written() {
    return new Timestamp(timestamps[row]);
  }

  /** Since when it is superseded, or {@link DeleteVector#NEVER}. */
  long since() {
    return deleted.since(Math.toIntExact(row()));
  }

  @Override
  @SuppressWarnings("ComparableType")
  public int compareTo(ChainCursor other) {
    int byKey = ValueOrder.compare(keys, row, other.keys, other.row);
    return byKey != 0 ? byKey : Long.compare(other.timestamps[other.row], timestamps[row]);
  }
}

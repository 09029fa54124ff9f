package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;

/**
 * Reads a segment through and checks all that can be checked without other knowledge: header, every
 * checksum, every encoding, order of the rows, null counts, and that each first key of a batch is
 * found where it is. For scrubbing and for operators; reads the whole object. Not thread-safe.
 */
public final class SegmentCheck {
  /** Two reads ahead of every column. */
  private static final long CACHE_BYTES = 64L << 20;

  private final SegmentSource source;
  private final SegmentFile segment;
  private byte[] lastKey = {};
  private long lastTimestamp;

  private SegmentCheck(SegmentSource source) {
    this.source = source;
    this.segment = SegmentFile.open(source, new BlockCache(CACHE_BYTES));
  }

  /**
   * Returns if the segment is sound.
   *
   * @throws dev.sheaf.protocol.error.SheafException XX001 naming the object and what is wrong
   */
  public static void run(SegmentSource source) {
    var check = new SegmentCheck(source);
    SegmentLayout.checkHeader(source.objectKey(), source.read(0, SegmentLayout.HEADER_BYTES));
    for (int group = 0; group < check.segment.rowGroups(); group++) {
      check.rows(group);
      for (SegmentColumn column : check.segment.columns()) {
        check.column(column, group);
      }
    }
    if (!Arrays.equals(check.lastKey, check.segment.maxKey())) {
      throw check.wrong("its last key is not the index's greatest");
    }
  }

  private void rows(int group) {
    for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from);
      var keys = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, from, count);
      long[] timestamps =
          segment.hasTimestamps() ? segment.timestamps(group, from, count) : new long[0];
      long firstRow = (long) group * SegmentReader.ROW_GROUP_ROWS + from;
      if (!segment.mayContain(keys.bytes(0)) || segment.lowerBound(keys.bytes(0)) > firstRow) {
        throw wrong("the key of row " + firstRow + " is not found");
      }
      for (int i = 0; i < count; i++) {
        row(firstRow + i, keys.bytes(i), timestamps.length == 0 ? 0 : timestamps[i]);
      }
    }
  }

  private void row(long row, byte[] key, long timestamp) {
    int order = Arrays.compareUnsigned(lastKey, key);
    boolean ascends = row == 0 || order < 0;
    boolean older = order == 0 && segment.hasTimestamps() && timestamp < lastTimestamp;
    if (!ascends && !older) {
      throw wrong("row " + row + " is out of order");
    }
    lastKey = key;
    lastTimestamp = timestamp;
  }

  private void column(SegmentColumn column, int group) {
    int nulls = 0;
    for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from);
      Vec vec = segment.read(column.columnId(), group, from, count);
      nulls += Validity.countNulls(vec.validity(), count);
    }
    ZoneMap zone = segment.zone(column.columnId(), group);
    if (zone == null || zone.nulls() != nulls) {
      throw wrong("column %d has %d NULLs in group %d".formatted(column.columnId(), nulls, group));
    }
  }

  private SheafException wrong(String what) {
    return SegmentErrors.corrupted(source.objectKey(), what);
  }
}

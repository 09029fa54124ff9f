package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment through and checks all that can be checked without other knowledge: header, every
 * checksum, every encoding, order of the rows, zone maps, that the bloom filter knows each key, and
 * that each first key of a batch is found where it is. For scrubbing and for operators; reads the
 * whole object, a column of a row group at a time. Not thread-safe.
 */
public final class SegmentCheck {
  /** Reads of a column go ahead by a sixteenth of it. */
  private static final long CACHE_BYTES = 16L << 20;

  /** In one request: 20 KiB each. */
  private static final int BLOOM_PAGES = 32;

  private final SegmentSource source;
  private final SegmentFile segment;
  private final Listener listener;
  private byte[] lastKey = {};
  private long lastTimestamp;
  private long rowsToEnd;

  /** What a check comes across. */
  public interface Listener {
    /**
     * Rows as they are read, in their order; those of damaged pages are left out.
     *
     * @param timestamps empty if the segment stores none
     */
    void rows(long firstRow, BytesVec keys, long[] timestamps);

    /** Something was read: called often. What it throws ends the check. */
    void goesOn();

    /** XX001, naming the object and the place. The check goes on behind it if this returns. */
    void damaged(SheafException what);
  }

  private SegmentCheck(SegmentSource source, Listener listener) {
    this.source = source;
    this.listener = listener;
    this.segment = SegmentFile.open(source, new BlockCache(CACHE_BYTES));
    this.rowsToEnd = segment.rowCount();
  }

  /**
   * Returns if the segment is sound.
   *
   * @throws dev.sheaf.protocol.error.SheafException XX001 naming the object and what is wrong
   */
  public static void run(SegmentSource source) {
    run(
        source,
        new Listener() {
          @Override
          public void rows(long firstRow, BytesVec keys, long[] timestamps) {}

          @Override
          public void goesOn() {}

          @Override
          public void damaged(SheafException what) {
            throw what;
          }
        });
  }

  /**
   * Tells all that is wrong, page by page; nothing more once the index cannot be read.
   *
   * @throws SheafException errors of the store other than XX001, and what the listener throws
   */
  public static void run(SegmentSource source, Listener listener) {
    SegmentCheck check;
    try {
      check = new SegmentCheck(source, listener);
    } catch (SheafException e) {
      report(e, listener);
      return;
    }
    check.all();
  }

  private void all() {
    attempt(() ->
        SegmentLayout.checkHeader(source.objectKey(), source.read(0, SegmentLayout.HEADER_BYTES)));
    for (int group = 0; group < segment.rowGroups(); group++) {
      for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
        int g = group;
        int at = from;
        attempt(() -> rows(g, at));
      }
      for (SegmentColumn column : segment.columns()) {
        column(column, group);
      }
    }
    for (int page = 0; page < segment.pages(SegmentLayout.BLOOM_COLUMN); page += BLOOM_PAGES) {
      bloom(page, BLOOM_PAGES);
    }
    // Otherwise the last key was not among those that could be read.
    if (rowsToEnd == 0 && !Arrays.equals(lastKey, segment.maxKey())) {
      listener.damaged(wrong("its last key is not the index's greatest"));
    }
  }

  private boolean attempt(Runnable step) {
    try {
      step.run();
      return true;
    } catch (SheafException e) {
      report(e, listener);
      return false;
    }
  }

  private static void report(SheafException error, Listener listener) {
    if (error.code() != ErrorCode.DATA_CORRUPTED) {
      throw error;
    }
    listener.damaged(error);
  }

  private int batch(int group, int from) {
    return Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from);
  }

  private void rows(int group, int from) {
    int count = batch(group, from);
    var keys = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, from, count);
    long[] timestamps =
        segment.hasTimestamps() ? segment.timestamps(group, from, count) : new long[0];
    long firstRow = (long) group * SegmentReader.ROW_GROUP_ROWS + from;
    for (int i = 0; i < count; i++) {
      row(firstRow + i, keys.bytes(i), timestamps.length == 0 ? 0 : timestamps[i]);
    }
    rowsToEnd = segment.rowCount() - firstRow - count;
    listener.rows(firstRow, keys, timestamps);
    if (segment.lowerBound(keys.bytes(0)) > firstRow) {
      listener.damaged(wrong("the key of row " + firstRow + " is not found"));
    }
    for (int i = 0; i < count; i++) {
      if (!segment.mayContain(keys.bytes(i))) {
        listener.damaged(wrong("the bloom filter lacks the key of row " + (firstRow + i)));
      }
    }
  }

  /** Keys that are fences are found without it: so some pages have not been read yet. */
  private void bloom(int from, int pages) {
    try {
      long unused =
          segment.fetch(SegmentLayout.BLOOM_COLUMN, from, pages, Long.MAX_VALUE, () -> false);
    } catch (SheafException e) {
      if (pages == 1) {
        report(e, listener);
      } else {
        for (int i = 0; i < pages; i++) {
          bloom(from + i, 1);
        }
      }
    }
    listener.goesOn();
  }

  private void row(long row, byte[] key, long timestamp) {
    int order = Arrays.compareUnsigned(lastKey, key);
    boolean ascends = row == 0 || order < 0;
    boolean older = order == 0 && segment.hasTimestamps() && timestamp < lastTimestamp;
    if (!ascends && !older) {
      listener.damaged(wrong("row " + row + " is out of order"));
    }
    lastKey = key;
    lastTimestamp = timestamp;
  }

  private void column(SegmentColumn column, int group) {
    ZoneMap zone = segment.zone(column.columnId(), group);
    int[] nulls = {0};
    boolean whole = true;
    for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
      int at = from;
      whole &= attempt(() -> nulls[0] += values(column, zone, group, at));
      listener.goesOn();
    }
    if (whole && (zone == null || zone.nulls() != nulls[0])) {
      listener.damaged(
          wrong(
              "column %d has %d NULLs in group %d".formatted(column.columnId(), nulls[0], group)));
    }
  }

  /** Returns how many of them are NULL. */
  private int values(SegmentColumn column, @Nullable ZoneMap zone, int group, int from) {
    int count = batch(group, from);
    Vec vec = segment.read(column.columnId(), group, from, count);
    int outside = zone == null ? -1 : ZoneCheck.firstOutside(zone, vec, count);
    if (outside >= 0) {
      listener.damaged(
          wrong(
              "the value of column %d in row %d is outside of its zone map"
                  .formatted(
                      column.columnId(),
                      (long) group * SegmentReader.ROW_GROUP_ROWS + from + outside)));
    }
    return Validity.countNulls(vec.validity(), count);
  }

  private SheafException wrong(String what) {
    return SegmentErrors.corrupted(source.objectKey(), what);
  }
}

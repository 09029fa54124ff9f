package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.kernel.ValueOrder;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.segment.SegmentCopy;
import dev.sheaf.pageserver.tree.LiveSegment;
import java.util.Arrays;
import java.util.List;

/**
 * One input of a merge, standing at one of its rows; ordered as rows are: by key, the newest
 * version first. Holds one page of rows. Used by one thread.
 */
final class MergeInput implements Comparable<MergeInput>, AutoCloseable {
  /** Of a page, decoded; by estimate from the segment's size. */
  private static final long PAGE_BYTES = 256 << 10;

  private static final int LEAST_PAGE_ROWS = 64;

  private final SegmentCopy copy;
  private final SegmentReader reader;
  private final SegmentMeta meta;
  private final DeleteVector deleted;
  private final int pageRows;

  private Batch page = Batch.of(new Vec[0], 0);
  private BytesVec keys = BytesVec.of(new byte[0], new int[0], new int[0], null, 0);
  private long[] timestamps = new long[0];

  /** Number of the page's first row. */
  private long pageStart;

  private int row;
  private int nextDeleted;

  /** Stands before the first page. */
  MergeInput(LiveSegment source, SegmentCopy copy) {
    this.copy = copy;
    this.reader = copy.reader();
    this.meta = source.meta();
    this.deleted = source.deleted();
    long rows = Math.max(1, PAGE_BYTES * meta.rows() / meta.sizeBytes());
    this.pageRows = Math.clamp(Long.highestOneBit(rows), LEAST_PAGE_ROWS, Batch.MAX_ROWS);
  }

  List<SegmentColumn> columns() {
    return reader.columns();
  }

  /** Goes to the first row of the next page; false at the end. */
  boolean nextPage() {
    pageStart += page.rows();
    if (pageStart >= meta.rows()) {
      return false;
    }
    int group = (int) (pageStart / SegmentReader.ROW_GROUP_ROWS);
    int offset = (int) (pageStart % SegmentReader.ROW_GROUP_ROWS);
    int count = Math.min(pageRows, reader.rowsIn(group) - offset);
    List<SegmentColumn> columns = reader.columns();
    var vectors = new Vec[columns.size() + 1];
    keys = (BytesVec) reader.read(SegmentReader.KEY_COLUMN, group, offset, count);
    vectors[0] = keys;
    for (int c = 0; c < columns.size(); c++) {
      vectors[c + 1] = reader.read(columns.get(c).columnId(), group, offset, count);
    }
    if (meta.storesTimestamps()) {
      timestamps = reader.timestamps(group, offset, count);
    } else {
      timestamps = new long[count];
      Arrays.fill(timestamps, meta.minTimestamp().value());
    }
    page = Batch.of(vectors, count);
    row = 0;
    return true;
  }

  /** Goes to the next row of the page; false at its end. */
  boolean nextRow() {
    if (row + 1 == page.rows()) {
      return false;
    }
    row++;
    return true;
  }

  /** The key and the columns of the page. */
  Batch page() {
    return page;
  }

  /** Of the page's rows. */
  long[] timestamps() {
    return timestamps;
  }

  /** Where it stands in the page. */
  int row() {
    return row;
  }

  /** Whether the row exists for the shard: what it has of another may hold rows of later times. */
  boolean exists() {
    return timestamps[row] <= meta.maxTimestamp().value();
  }

  /** Since when the row is superseded, or {@link DeleteVector#NEVER}. Rows only ascend. */
  long since() {
    long number = pageStart + row;
    while (nextDeleted < deleted.size() && deleted.rows()[nextDeleted] < number) {
      nextDeleted++;
    }
    return nextDeleted < deleted.size() && deleted.rows()[nextDeleted] == number
        ? deleted.since()[nextDeleted]
        : DeleteVector.NEVER;
  }

  @Override
  @SuppressWarnings("ComparableType")
  public int compareTo(MergeInput other) {
    int byKey = ValueOrder.compare(keys, row, other.keys, other.row);
    return byKey != 0 ? byKey : Long.compare(other.timestamps[other.row], timestamps[row]);
  }

  @Override
  public void close() {
    copy.close();
  }
}

package dev.sheaf.pageserver.tree;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A segment of the tree. Opened when it is looked into. Thread-safe. */
public final class Segment {
  private final int number;
  private final SegmentMeta meta;
  private final SegmentOpener opener;
  private volatile boolean checked;
  private volatile @Nullable List<SegmentColumn> columns;

  /**
   * @param number unique among the segments of this tree in this process
   */
  public Segment(int number, SegmentMeta meta, SegmentOpener opener) {
    this.number = number;
    this.meta = meta;
    this.opener = opener;
  }

  public int number() {
    return number;
  }

  public SegmentMeta meta() {
    return meta;
  }

  /** Opens it through the cache; do not keep the reader. */
  public SegmentReader reader() {
    SegmentReader opened = opener.open(meta);
    if (!checked) {
      if (opened.rowCount() != meta.rows() || opened.hasTimestamps() != meta.storesTimestamps()) {
        throw new SheafException(
            ErrorCode.DATA_CORRUPTED, meta.objectKey() + " is not what the manifest describes");
      }
      checked = true;
    }
    return opened;
  }

  /** Its columns, ascending by id. Opens it the first time. */
  public List<SegmentColumn> columns() {
    List<SegmentColumn> known = columns;
    if (known == null) {
      known = List.copyOf(reader().columns());
      columns = known;
    }
    return known;
  }

  boolean fences(byte[] key) {
    return Arrays.compareUnsigned(meta.minKey(), key) <= 0
        && Arrays.compareUnsigned(key, meta.maxKey()) <= 0;
  }

  /** The newest row of the key at or below the timestamp, whatever the delete vector says. */
  OptionalLong find(byte[] key, long at) {
    return meta.minTimestamp().value() <= at && fences(key)
        ? reader().find(key, meta.newestVisible(new Timestamp(at)))
        : OptionalLong.empty();
  }

  /** The row's key. */
  public byte[] key(long row) {
    int group = (int) (row / SegmentReader.ROW_GROUP_ROWS);
    return ((BytesVec) reader().read(SegmentReader.KEY_COLUMN, group, offset(row), 1)).bytes(0);
  }

  /** The row's commit timestamp. */
  public long timestampOf(long row) {
    if (!meta.storesTimestamps()) {
      return meta.minTimestamp().value();
    }
    return reader().timestamps((int) (row / SegmentReader.ROW_GROUP_ROWS), offset(row), 1)[0];
  }

  /** The row's bytes, as a commit would carry them. */
  byte[] row(long row) {
    SegmentReader opened = reader();
    List<SegmentColumn> columns = opened.columns();
    int[] ids = new int[columns.size()];
    PhysicalType[] types = new PhysicalType[columns.size()];
    @Nullable Object[] values = new Object[columns.size()];
    int group = (int) (row / SegmentReader.ROW_GROUP_ROWS);
    opened.expect(
        columns.stream().mapToInt(SegmentColumn::columnId).toArray(), group, offset(row), 1);
    for (int i = 0; i < ids.length; i++) {
      SegmentColumn column = columns.get(i);
      ids[i] = column.columnId();
      types[i] = column.type();
      values[i] = opened.read(ids[i], group, offset(row), 1).value(0);
    }
    return RowCodec.encode(new Row(ids, types, values));
  }

  private static int offset(long row) {
    return (int) (row % SegmentReader.ROW_GROUP_ROWS);
  }
}

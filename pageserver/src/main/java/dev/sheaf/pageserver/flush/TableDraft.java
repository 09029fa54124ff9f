package dev.sheaf.pageserver.flush;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.column.ColumnBuilder;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.memtable.VersionKey;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One segment of a flush: versions of one table's rows that have the same columns, so that "the row
 * lacks the column" needs no representation. Remembers which of them are superseded already.
 */
final class TableDraft implements AutoCloseable {
  private final int tableId;
  private final PhysicalType[] types;
  private final SegmentDraft segment;
  private final Map<Integer, Long> superseded = new HashMap<>();

  private ColumnBuilder keys = ColumnBuilder.of(PhysicalType.BYTES);
  private ColumnBuilder[] columns;
  private long[] timestamps = new long[Batch.MAX_ROWS];
  private int rows;

  TableDraft(SegmentStore store, int tableId, Row shape) {
    this.tableId = tableId;
    this.types = shape.types();
    var segmentColumns = new ArrayList<SegmentColumn>(types.length);
    for (int i = 0; i < types.length; i++) {
      segmentColumns.add(new SegmentColumn(shape.columnIds()[i], types[i]));
    }
    this.segment = store.draft(segmentColumns, true);
    this.columns = builders();
  }

  private ColumnBuilder[] builders() {
    return Arrays.stream(types).map(ColumnBuilder::of).toArray(ColumnBuilder[]::new);
  }

  /** Appends a version and returns its row number. */
  int append(VersionKey version, Row row) {
    int pending = keys.size();
    keys.append(version.key());
    for (int i = 0; i < columns.length; i++) {
      columns[i].append(row.values()[i]);
    }
    timestamps[pending] = version.timestamp();
    if (pending + 1 == Batch.MAX_ROWS) {
      flushBatch();
    }
    return rows++;
  }

  void supersede(int row, long since) {
    superseded.merge(row, since, Math::min);
  }

  private void flushBatch() {
    int count = keys.size();
    if (count == 0) {
      return;
    }
    Vec[] vectors = new Vec[columns.length + 1];
    vectors[0] = keys.build();
    for (int i = 0; i < columns.length; i++) {
      vectors[i + 1] = columns[i].build();
    }
    segment.append(Batch.of(vectors, count), timestamps);
    keys = ColumnBuilder.of(PhysicalType.BYTES);
    columns = builders();
    timestamps = new long[Batch.MAX_ROWS];
  }

  /** A finished segment with its first delete vector. */
  record Written(SegmentMeta meta, DeleteVector deleted) {}

  Written upload(String objectKey) {
    flushBatch();
    return new Written(
        segment.uploadVersions(objectKey, tableId), DeleteVector.NONE.with(superseded));
  }

  @Override
  public void close() {
    segment.close();
  }

  /** What rows of one draft have in common. */
  record Shape(int tableId, List<SegmentColumn> columns) {
    static Shape of(byte[] key, Row row) {
      var columns = new ArrayList<SegmentColumn>(row.size());
      for (int i = 0; i < row.size(); i++) {
        columns.add(new SegmentColumn(row.columnIds()[i], row.types()[i]));
      }
      return new Shape(TableKey.tableIdOf(key), columns);
    }
  }
}

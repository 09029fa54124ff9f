package dev.sheaf.pageserver.memtable;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.column.ColumnBuilder;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of memtables that are visible at a snapshot, in key order, as batches of the requested
 * columns: small ones first, because who wants a few rows stops there. For one reader.
 */
public final class TailSource implements BatchSource {
  private static final int FIRST_BATCH_ROWS = 64;

  private final VersionCursor versions;
  private final long snapshot;
  private final List<ColumnRequest> columns;
  private byte @Nullable [] settledKey;
  private int batchRows = FIRST_BATCH_ROWS;
  private boolean ended;

  public TailSource(VersionCursor versions, Timestamp snapshot, List<ColumnRequest> columns) {
    this.versions = versions;
    this.snapshot = snapshot.value();
    this.columns = List.copyOf(columns);
  }

  @Override
  public @Nullable Batch next() {
    if (ended) {
      return null;
    }
    ColumnBuilder[] builders = new ColumnBuilder[columns.size()];
    for (int i = 0; i < builders.length; i++) {
      builders[i] = ColumnBuilder.of(columns.get(i).type());
    }
    int rows = 0;
    while (rows < batchRows) {
      VersionCursor.Found found = versions.next();
      if (found == null) {
        ended = true;
        break;
      }
      byte[] row = visible(found);
      if (row != null) {
        append(builders, found.key().key(), RowCodec.decode(row));
        rows++;
      }
    }
    batchRows = Math.min(Batch.MAX_ROWS, 2 * batchRows);
    if (rows == 0) {
      return null;
    }
    Vec[] vectors = new Vec[builders.length];
    for (int i = 0; i < builders.length; i++) {
      vectors[i] = builders[i].build();
    }
    return Batch.of(vectors, rows);
  }

  /** The row, if this is the newest version of its key at the snapshot and not a deletion. */
  private byte @Nullable [] visible(VersionCursor.Found found) {
    VersionKey key = found.key();
    if (key.timestamp() > snapshot || (settledKey != null && key.hasKey(settledKey))) {
      return null;
    }
    settledKey = key.key();
    return found.version().row();
  }

  private void append(ColumnBuilder[] builders, byte[] key, Row row) {
    for (int i = 0; i < builders.length; i++) {
      ColumnRequest column = columns.get(i);
      if (column.columnId() == ColumnRequest.KEY_COLUMN) {
        builders[i].append(key);
        continue;
      }
      int at = row.indexOf(column.columnId());
      if (at < 0) {
        builders[i].append(column.missingValue());
      } else if (row.types()[at] != column.type()) {
        throw new SheafException(
            ErrorCode.DATATYPE_MISMATCH,
            "column " + column.columnId() + " is " + row.types()[at] + ", not " + column.type());
      } else {
        builders[i].append(row.values()[at]);
      }
    }
  }

  @Override
  public void close() {
    ended = true;
  }
}

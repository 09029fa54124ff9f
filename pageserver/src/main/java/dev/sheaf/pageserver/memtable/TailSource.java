package dev.sheaf.pageserver.memtable;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Timestamp;
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
    var decoder = new RowDecoder(columns);
    while (decoder.rows() < batchRows) {
      VersionCursor.Found found = versions.next();
      if (found == null) {
        ended = true;
        break;
      }
      byte[] row = visible(found);
      if (row != null) {
        decoder.add(found.key().key(), row);
      }
    }
    batchRows = Math.min(Batch.MAX_ROWS, 2 * batchRows);
    return decoder.rows() == 0 ? null : Batch.of(decoder.build(), decoder.rows());
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

  @Override
  public void close() {
    ended = true;
  }
}

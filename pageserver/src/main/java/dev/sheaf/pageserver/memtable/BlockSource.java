package dev.sheaf.pageserver.memtable;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of blocks that are visible at a snapshot, as batches of the requested columns, in no
 * order. For one reader.
 */
public final class BlockSource implements BatchSource {
  private final Iterator<VersionBlock> blocks;
  private final Timestamp snapshot;
  private final List<ColumnRequest> columns;
  private boolean closed;

  public BlockSource(List<VersionBlock> blocks, Timestamp snapshot, List<ColumnRequest> columns) {
    this.blocks = blocks.iterator();
    this.snapshot = snapshot;
    this.columns = List.copyOf(columns);
  }

  @Override
  public @Nullable Batch next() {
    while (!closed && blocks.hasNext()) {
      Batch batch = blocks.next().read(snapshot, columns);
      if (batch != null) {
        return batch;
      }
    }
    return null;
  }

  @Override
  public void close() {
    closed = true;
  }
}

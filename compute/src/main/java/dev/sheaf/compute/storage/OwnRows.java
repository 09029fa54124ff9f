package dev.sheaf.compute.storage;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.storage.OwnWrites.OwnWrite;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that the transaction itself inserted or updated, in key order. */
final class OwnRows implements BatchSource {
  private final Iterator<OwnWrite> writes;
  private final ReadColumns columns;
  private final @Nullable LateFilter filter;

  OwnRows(List<OwnWrite> writes, ReadColumns columns, @Nullable LateFilter filter) {
    this.writes = writes.iterator();
    this.columns = columns;
    this.filter = filter;
  }

  @Override
  public @Nullable Batch next() {
    if (!writes.hasNext()) {
      return null;
    }
    ReadColumns.RowBatch rows = columns.rows(64);
    for (int n = 0; n < Batch.MAX_ROWS && writes.hasNext(); ) {
      OwnWrite write = writes.next();
      if (write.row() != null) {
        rows.add(write.key(), write.row());
        n++;
      }
    }
    Batch batch = rows.build();
    return filter == null || batch.isEmpty() ? batch : filter.apply(batch);
  }

  @Override
  public void close() {}
}

package dev.sheaf.compute.storage;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.OwnWrites.OwnWrite;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.protocol.key.TableKey;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The owner's fresh rows without those whose key the transaction wrote itself. */
final class TailRows implements BatchSource {
  private static final Comparator<OwnWrite> BY_KEY = (a, b) -> TableKey.compare(a.key(), b.key());

  private final BatchSource tail;
  private final ReadColumns columns;
  private final List<OwnWrite> own;
  private final @Nullable LateFilter filter;
  private final ScanCounters counters;

  /**
   * @param tail batches of {@code columns}, followed by the key if {@code own} is not empty
   */
  TailRows(
      BatchSource tail,
      ReadColumns columns,
      List<OwnWrite> own,
      @Nullable LateFilter filter,
      ScanCounters counters) {
    this.tail = tail;
    this.columns = columns;
    this.own = own;
    this.filter = filter;
    this.counters = counters;
  }

  @Override
  public @Nullable Batch next() {
    Batch batch = tail.next();
    if (batch == null) {
      return null;
    }
    counters.rowsRead.add(batch.selected());
    if (!own.isEmpty()) {
      batch = withoutOwn(batch);
    }
    return filter == null || batch.isEmpty() ? batch : filter.apply(batch);
  }

  private Batch withoutOwn(Batch batch) {
    var keys = (Vec.BytesVec) batch.column(batch.columns().length - 1);
    int[] selection = new int[batch.selected()];
    int selected = 0;
    for (int i = 0; i < batch.selected(); i++) {
      int row = batch.row(i);
      var probe = new OwnWrite(keys.bytes(row), null);
      if (java.util.Collections.binarySearch(own, probe, BY_KEY) < 0) {
        selection[selected++] = row;
      }
    }
    Vec[] wanted = Arrays.copyOf(batch.columns(), columns.size());
    return new Batch(wanted, batch.rows(), selection, selected);
  }

  @Override
  public void close() {
    tail.close();
  }
}

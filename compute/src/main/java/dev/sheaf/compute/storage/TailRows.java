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
  private final boolean endsEarly;
  private final ScanCounters counters;
  private boolean over;

  /**
   * @param tail batches of {@code columns}, followed by the key if {@code own} is not empty
   * @param endsEarly whether it ends when the filter {@linkplain LateFilter#isOver is over}
   */
  TailRows(
      BatchSource tail,
      ReadColumns columns,
      List<OwnWrite> own,
      @Nullable LateFilter filter,
      boolean endsEarly,
      ScanCounters counters) {
    this.tail = tail;
    this.columns = columns;
    this.own = own;
    this.filter = filter;
    this.endsEarly = endsEarly;
    this.counters = counters;
  }

  @Override
  public @Nullable Batch next() {
    Batch batch = over ? null : tail.next();
    if (batch == null) {
      return null;
    }
    counters.freshRows.add(batch.selected());
    if (!own.isEmpty()) {
      batch = withoutOwn(batch);
    }
    if (filter == null || batch.isEmpty()) {
      return batch;
    }
    Batch passed = filter.apply(batch);
    over = endsEarly && filter.isOver();
    return passed;
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

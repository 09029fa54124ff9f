package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;

/**
 * Keeps the first N rows of a stream in an order: collects a few times N, sorts, cuts, goes on.
 * After the first cut, rows whose first key word is beyond that of row N are not even copied. One
 * thread.
 */
final class TopRows {
  private static final int MIN_COLLECTED = 4 * Batch.MAX_ROWS;

  private final PhysicalType[] types;
  private final SortOrder order;
  private final int limit;
  private final Execution execution;
  private final Reservation memory;
  private RowBuffer buffer;
  private long worst = Long.MAX_VALUE;

  TopRows(
      PhysicalType[] types, SortOrder order, int limit, Execution execution, Reservation memory) {
    this.types = types;
    this.order = order;
    this.limit = limit;
    this.execution = execution;
    this.memory = memory;
    this.buffer = new RowBuffer(types, memory);
  }

  void add(Batch batch) {
    Batch candidates = worst == Long.MAX_VALUE ? batch : promising(batch);
    if (candidates.isEmpty()) {
      return;
    }
    buffer.append(candidates);
    if (buffer.rows() > Math.max(4L * limit, MIN_COLLECTED)) {
      cut();
    }
  }

  private Batch promising(Batch batch) {
    int[] rows = new int[batch.selected()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = batch.row(k);
    }
    long[] words = order.firstWords(batch, rows, rows.length);
    int n = 0;
    for (int k = 0; k < rows.length; k++) {
      rows[n] = rows[k];
      n += words[k] <= worst ? 1 : 0;
    }
    return batch.select(rows, n);
  }

  private void cut() {
    Batch all = buffer.toBatch();
    long work = RowSorter.workBytes(all.rows());
    memory.add(work);
    int[] sorted = RowSorter.sort(all, order, execution);
    int keep = Math.min(limit, all.rows());
    int[] kept = Arrays.copyOf(sorted, keep);
    worst = keep == 0 ? Long.MIN_VALUE : order.firstWords(all, new int[] {kept[keep - 1]}, 1)[0];
    // In row order again, so that equal rows stay in the order in which they came.
    Arrays.sort(kept);
    var shorter = new RowBuffer(types, memory);
    shorter.append(all.select(kept, keep));
    buffer.release();
    memory.remove(work);
    buffer = shorter;
  }

  RowBuffer rows() {
    return buffer;
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;

/**
 * Keeps the first N rows of a stream in an order: collects N, then a few times N, sorts, cuts, goes
 * on. After the first cut, rows beyond the {@link TopBound} are not even copied. One thread.
 */
final class TopRows {
  private static final int MIN_COLLECTED = 4 * Batch.MAX_ROWS;

  private final PhysicalType[] types;
  private final SortOrder order;
  private final int limit;
  private final TopBound bound;
  private final Execution execution;
  private final Reservation memory;
  private RowBuffer buffer;
  private long cutAt;

  /**
   * @param bound of all streams together
   */
  TopRows(
      PhysicalType[] types,
      SortOrder order,
      TopBound bound,
      Execution execution,
      Reservation memory) {
    this.types = types;
    this.order = order;
    this.limit = bound.limit();
    this.cutAt = limit;
    this.bound = bound;
    this.execution = execution;
    this.memory = memory;
    this.buffer = new RowBuffer(types, memory);
  }

  void add(Batch batch) {
    Batch candidates = bound.apply(batch, order.firstColumn());
    if (candidates.isEmpty()) {
      return;
    }
    buffer.append(candidates);
    if (buffer.rows() >= cutAt) {
      cut();
      cutAt = Math.max(4L * limit, MIN_COLLECTED);
    }
  }

  private void cut() {
    Batch all = buffer.toBatch();
    long work = RowSorter.workBytes(all.rows());
    memory.add(work);
    int[] sorted = RowSorter.sort(all, order, execution);
    int keep = Math.min(limit, all.rows());
    int[] kept = Arrays.copyOf(sorted, keep);
    if (keep > 0) {
      bound.tighten(all, kept[keep - 1]);
    }
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

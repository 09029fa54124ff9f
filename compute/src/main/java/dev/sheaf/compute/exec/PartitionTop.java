package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;

/**
 * Keeps the first rows of each partition of a stream: collects, sorts, cuts, goes on once there are
 * twice as many rows as were left. One thread.
 */
final class PartitionTop {
  private static final int MIN_COLLECTED = 16 * Batch.MAX_ROWS;

  private final PlanNode.Window node;
  private final PhysicalType[] types;
  private final long limit;
  private final boolean withTies;
  private final Execution execution;
  private final Reservation memory;
  private RowBuffer buffer;
  private long cutAt = MIN_COLLECTED;

  /**
   * @param limit rows of a partition that are wanted
   * @param withTies and the last one's peers
   */
  PartitionTop(
      PlanNode.Window node,
      PhysicalType[] types,
      long limit,
      boolean withTies,
      Execution execution,
      Reservation memory) {
    this.node = node;
    this.types = types;
    this.limit = limit;
    this.withTies = withTies;
    this.execution = execution;
    this.memory = memory;
    this.buffer = new RowBuffer(types, memory);
  }

  void add(Batch batch) {
    buffer.append(batch);
    if (buffer.rows() >= cutAt) {
      cut();
      cutAt = Math.max(2L * buffer.rows(), MIN_COLLECTED);
    }
  }

  private void cut() {
    Batch all = buffer.toBatch();
    var shorter = new RowBuffer(types, memory);
    try (Reservation work = execution.reservation()) {
      work.add(4L * all.rows());
      int[] kept = first(SortedRows.of(all, node.sort(), execution, work));
      // In row order again, so that equal rows stay in the order in which they came.
      Arrays.sort(kept);
      shorter.append(all.select(kept, kept.length));
    }
    buffer.release();
    buffer = shorter;
  }

  private int[] first(SortedRows sorted) {
    WindowCalls window = node.windows().getFirst();
    int partitionKeys = window.partitionKeys();
    int keys = partitionKeys + window.orderKeys();
    int[] kept = new int[sorted.size()];
    int n = 0;
    int inPartition = 0;
    int rank = 0;
    for (int p = 0; p < kept.length; p++) {
      inPartition = sorted.begins(p, partitionKeys) ? 1 : inPartition + 1;
      rank = sorted.begins(p, keys) ? inPartition : rank;
      kept[n] = sorted.row(p);
      n += (withTies ? rank : inPartition) <= limit ? 1 : 0;
    }
    return Arrays.copyOf(kept, n);
  }

  RowBuffer rows() {
    return buffer;
  }
}

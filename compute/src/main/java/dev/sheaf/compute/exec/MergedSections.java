package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sections of rows that come in order from disk: as few whole partitions as make one are in memory
 * at a time. One thread.
 */
final class MergedSections implements WindowSections {
  /** A section of whole partitions that are small takes no more than this share of the budget. */
  private static final int MEMORY_SHARE = 16;

  private static final int MIN_ROWS = 64;

  /** What a row takes besides its columns, and how often those are there while they are copied. */
  private static final int ROW_BYTES = 100;

  private static final int COPIES = 2;

  private final BatchSource source;
  private final PhysicalType[] types;
  private final List<SortKey> sort;
  private final SortOrder partition;
  private final Execution execution;
  private int enoughRows;
  private Batch previous = Batch.of(new Vec[0], 0);
  private Batch batch = Batch.of(new Vec[0], 0);

  /** The first row of the batch that has not been handed out. */
  private int at;

  /**
   * @param source of dense batches, in the order of {@code sort}
   * @param partitionKeys so many sort keys are partition keys of all windows; at least 1
   */
  MergedSections(
      BatchSource source,
      PhysicalType[] types,
      List<SortKey> sort,
      int partitionKeys,
      Execution execution) {
    this.source = source;
    this.types = types;
    this.sort = sort;
    this.partition = new SortOrder(sort.subList(0, partitionKeys));
    this.execution = execution;
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public @Nullable WindowSection next(Reservation memory) {
    var buffer = new RowBuffer(types, memory);
    boolean complete = false;
    while (!complete && (at < batch.rows() || advance(memory))) {
      int end = end(buffer.rows());
      buffer.append(rows(end));
      complete = end < batch.rows();
      at = end;
    }
    if (buffer.rows() == 0) {
      return null;
    }
    SortedRows rows = SortedRows.inOrder(buffer.toBatch(), sort, execution, memory);
    return new WindowSection(rows, 0, rows.size(), execution, memory);
  }

  private boolean advance(Reservation memory) {
    execution.check();
    Batch next = source.next();
    if (next == null) {
      return false;
    }
    if (enoughRows == 0) {
      long rowBytes = ROW_BYTES + COPIES * next.sizeBytes() / next.rows();
      long rows = memory.limitBytes() / MEMORY_SHARE / rowBytes;
      enoughRows = (int) Math.clamp(rows, MIN_ROWS, Batch.MAX_ROWS);
    }
    previous = batch;
    batch = next;
    at = 0;
    return true;
  }

  /**
   * The first row of the batch that belongs to another section.
   *
   * @param rows that the section has from batches before
   */
  private int end(int rows) {
    for (int row = at; row < batch.rows(); row++) {
      if (rows + row - at >= enoughRows && begins(row)) {
        return row;
      }
    }
    return batch.rows();
  }

  /** Whether the row is the first of a partition. */
  private boolean begins(int row) {
    Batch before = row == 0 ? previous : batch;
    int rowBefore = row == 0 ? previous.rows() - 1 : row - 1;
    return partition.compare(before, rowBefore, batch, row) != 0;
  }

  private Batch rows(int end) {
    int[] rows = new int[end - at];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = at + k;
    }
    return batch.select(rows, rows.length);
  }

  @Override
  public void close() {
    source.close();
  }
}

package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Sections of rows in memory: some whole partitions each. Thread-safe. */
final class SortedSections implements WindowSections {
  private static final int MIN_ROWS = 16 * Batch.MAX_ROWS;

  private final SortedRows rows;
  private final Execution execution;

  /** Positions where sections begin, and at last the number of rows. */
  private final int[] begins;

  private final AtomicInteger next = new AtomicInteger();

  /**
   * @param partitionKeys so many sort keys are partition keys of all windows
   */
  SortedSections(SortedRows rows, int partitionKeys, Execution execution) {
    this.rows = rows;
    this.execution = execution;
    this.begins = begins(rows, partitionKeys);
  }

  private static int[] begins(SortedRows rows, int partitionKeys) {
    int[] begins = new int[rows.size() / MIN_ROWS + 2];
    int count = 0;
    for (int p = 0; p < rows.size(); p++) {
      boolean enough = count == 0 || p - begins[count - 1] >= MIN_ROWS;
      if (enough && rows.begins(p, partitionKeys)) {
        begins[count++] = p;
      }
    }
    begins[count] = rows.size();
    return Arrays.copyOf(begins, count + 1);
  }

  @Override
  public int width() {
    return Math.max(1, Math.min(execution.parallelism(), begins.length - 1));
  }

  @Override
  public @Nullable WindowSection next(Reservation memory) {
    int section = next.getAndIncrement();
    return section >= begins.length - 1
        ? null
        : new WindowSection(rows, begins[section], begins[section + 1], execution, memory);
  }

  @Override
  public void close() {}
}

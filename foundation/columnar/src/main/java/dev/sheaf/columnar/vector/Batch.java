package dev.sheaf.columnar.vector;

import org.jspecify.annotations.Nullable;

/**
 * Up to {@link #MAX_ROWS} rows as columns, with an optional selection: when {@code selection} is
 * not null, only the rows {@code selection[0..selected)} (ascending) belong to the batch.
 *
 * @param columns all of the same size {@code rows}
 * @param rows physical rows in the vectors
 * @param selection ascending row numbers, or null = all rows
 * @param selected number of live rows: {@code rows} when selection is null
 */
public record Batch(Vec[] columns, int rows, int @Nullable [] selection, int selected) {
  /** The engine's batch size; results to clients are coalesced to larger ones. */
  public static final int MAX_ROWS = 4096;

  public static Batch of(Vec[] columns, int rows) {
    return new Batch(columns, rows, null, rows);
  }

  /** The same columns with other live rows. */
  public Batch select(int[] newSelection, int count) {
    return new Batch(columns, rows, newSelection, count);
  }

  public Vec column(int i) {
    return columns[i];
  }

  /** Physical row of the i-th live row. */
  public int row(int i) {
    return selection == null ? i : selection[i];
  }

  public boolean isEmpty() {
    return selected == 0;
  }

  public long sizeBytes() {
    long bytes = selection == null ? 0 : 4L * selection.length;
    for (Vec column : columns) {
      bytes += column.sizeBytes();
    }
    return bytes;
  }
}

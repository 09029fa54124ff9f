package dev.sheaf.compute.diff;

import org.jspecify.annotations.Nullable;

/** The differences of a table's rows, one after the other. Used by one thread. */
sealed interface TableDiff extends AutoCloseable permits KeyedDiff, KeylessDiff {

  /** Goes to the next difference; false if there is none. */
  boolean next();

  /** How the row differs; after {@link #next} was true. */
  Change change();

  /** The row on the first side; null if it was added. Valid until {@link #next}. */
  @Nullable DiffRow before();

  /** The row on the second side; null if it was removed. Valid until {@link #next}. */
  @Nullable DiffRow after();

  @Override
  void close();

  /**
   * @param views closed with it
   */
  static TableDiff of(TableViews views, DiffColumns columns, DiffContext context) {
    try {
      return columns.byKey()
          ? new KeyedDiff(views, columns)
          : new KeylessDiff(views, columns, context);
    } catch (RuntimeException | Error e) {
      views.close();
      throw e;
    }
  }
}

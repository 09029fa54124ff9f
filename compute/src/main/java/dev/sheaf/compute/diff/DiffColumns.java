package dev.sheaf.compute.diff;

import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns that are read of a pair of tables, and which of them are compared. Immutable.
 *
 * @param byKey whether rows are matched by key
 * @param comparedFrom positions in {@code from} of the compared columns
 * @param comparedTo positions in {@code to} of the same columns, in the same order
 */
record DiffColumns(
    boolean byKey,
    List<ColumnDescriptor> from,
    List<ColumnDescriptor> to,
    int[] comparedFrom,
    int[] comparedTo) {

  /** All columns: to show the rows. */
  static DiffColumns all(TablePair pair) {
    return of(pair, columns(pair.from()), columns(pair.to()));
  }

  /** Those that are compared: to count the rows that differ. */
  static DiffColumns compared(TablePair pair) {
    return of(
        pair,
        pair.compared().stream().map(TablePair.ColumnPair::from).toList(),
        pair.compared().stream().map(TablePair.ColumnPair::to).toList());
  }

  private static List<ColumnDescriptor> columns(@Nullable TableDescriptor table) {
    return table == null ? List.of() : table.columns();
  }

  private static DiffColumns of(
      TablePair pair, List<ColumnDescriptor> from, List<ColumnDescriptor> to) {
    return new DiffColumns(
        pair.byKey(),
        from,
        to,
        pair.compared().stream().mapToInt(each -> from.indexOf(each.from())).toArray(),
        pair.compared().stream().mapToInt(each -> to.indexOf(each.to())).toArray());
  }
}

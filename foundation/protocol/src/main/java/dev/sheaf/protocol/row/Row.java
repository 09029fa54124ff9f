package dev.sheaf.protocol.row;

import dev.sheaf.protocol.type.PhysicalType;
import org.jspecify.annotations.Nullable;

/**
 * One row version as it travels in commits and lies in the memtable: columns by id,
 * self-describing, so that the store needs no catalog.
 *
 * @param columnIds ascending
 * @param types physical type of each column
 * @param values physical values, null = NULL; a column that is absent takes its table's added
 *     default
 */
public record Row(int[] columnIds, PhysicalType[] types, @Nullable Object[] values) {

  public int size() {
    return columnIds.length;
  }

  /** Index of the column, or a negative number. */
  public int indexOf(int columnId) {
    return java.util.Arrays.binarySearch(columnIds, columnId);
  }
}

package dev.sheaf.protocol.catalog;

import java.util.List;
import java.util.Optional;

/**
 * A table as of one version of the catalog.
 *
 * @param id stable within the database, never reused; the first part of the table's keys. User
 *     tables start at {@link #FIRST_USER_TABLE_ID}
 * @param version grows with each ALTER
 * @param columns in declaration order, dropped columns absent
 * @param primaryKey ids of the key columns, in key order; empty = the table has a hidden row id
 * @param primaryKeyName the constraint's name; empty string if there is none
 * @param nextColumnId the id that the next added column gets
 */
public record TableDescriptor(
    int id,
    String schema,
    String name,
    long version,
    List<ColumnDescriptor> columns,
    List<Integer> primaryKey,
    String primaryKeyName,
    List<CheckDescriptor> checks,
    int nextColumnId) {
  public static final int FIRST_USER_TABLE_ID = 1000;

  public TableDescriptor {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    checks = List.copyOf(checks);
  }

  public boolean hasHiddenRowId() {
    return primaryKey.isEmpty();
  }

  public Optional<ColumnDescriptor> column(String columnName) {
    return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
  }

  /** Position in {@link #columns} of the column with the id; fails if there is none. */
  public int ordinalOf(int columnId) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).id() == columnId) {
        return i;
      }
    }
    throw new IllegalArgumentException("no column with id " + columnId + " in " + qualifiedName());
  }

  public String qualifiedName() {
    return schema + "." + name;
  }
}

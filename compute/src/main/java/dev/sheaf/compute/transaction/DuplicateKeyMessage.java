package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.catalog.CatalogTables;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the store's 23505, which knows only key bytes, into PostgreSQL's message with constraint,
 * columns and values. Immutable.
 */
public record DuplicateKeyMessage(Catalog catalog, TextFormat text) {

  /** The same error, or a readable one if it is a duplicate key. */
  public SheafException readable(SheafException error) {
    Optional<byte[]> key = DuplicateKeys.keyOf(error);
    if (key.isEmpty()) {
      return error;
    }
    Optional<SheafException> inCatalog = CatalogTables.duplicate(key.get());
    if (inCatalog.isPresent()) {
      return inCatalog.get();
    }
    TableDescriptor table = catalog.table(TableKey.tableIdOf(key.get()));
    return table == null || table.hasHiddenRowId() ? error : describe(table, key.get());
  }

  private SheafException describe(TableDescriptor table, byte[] key) {
    List<ColumnDescriptor> columns =
        table.primaryKey().stream().map(id -> table.columns().get(table.ordinalOf(id))).toList();
    PhysicalType[] types =
        columns.stream().map(c -> c.type().physical()).toArray(PhysicalType[]::new);
    @Nullable Object[] values = TableKey.decode(key, types);
    String names = columns.stream().map(ColumnDescriptor::name).collect(Collectors.joining(", "));
    String texts =
        IntStream.range(0, values.length)
            .mapToObj(i -> format(values[i], columns.get(i)))
            .collect(Collectors.joining(", "));
    return new SheafException(
        ErrorCode.UNIQUE_VIOLATION,
        "duplicate key value violates unique constraint \""
            + table.primaryKeyName()
            + "\": Key ("
            + names
            + ")=("
            + texts
            + ") already exists.");
  }

  private String format(@Nullable Object value, ColumnDescriptor column) {
    return value == null ? "null" : text.format(value, column.type());
  }
}

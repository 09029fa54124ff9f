package dev.sheaf.compute.catalog;

import dev.sheaf.protocol.catalog.CatalogKeys;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system tables in which a database's catalog lies, in its root shard.
 *
 * <pre>
 * table id   name         key                     further columns
 * 1          schemas      1 name BYTES            -
 * 2          tables       1 table id INT          2 descriptor BYTES (DescriptorCodec)
 * 3          table_names  1 schema, 2 name BYTES  3 table id INT
 * 2^31 - 1   sequences    1 name BYTES            2 next LONG (SequenceAllocator)
 * </pre>
 *
 * A table's row in {@code tables} is what guards and conflicts are about: DML guards it, DDL writes
 * it. {@code table_names} makes names unique. The schema {@code public} exists without a row. The
 * sequences lie above all user tables, since handing out ids must not count as a catalog change.
 */
public final class CatalogTables {
  public static final String PUBLIC = "public";
  public static final String INFORMATION_SCHEMA = "information_schema";

  static final int SEQUENCES_ID = Integer.MAX_VALUE;

  static final TableDescriptor SCHEMAS =
      table(1, "schemas", List.of(column(1, "name", SqlType.TEXT)), List.of(1));
  static final TableDescriptor TABLES =
      table(
          CatalogKeys.TABLES_ID,
          "tables",
          List.of(column(1, "table_id", SqlType.INTEGER), column(2, "descriptor", SqlType.BYTEA)),
          List.of(1));
  static final TableDescriptor TABLE_NAMES =
      table(
          3,
          "table_names",
          List.of(
              column(1, "schema", SqlType.TEXT),
              column(2, "name", SqlType.TEXT),
              column(3, "table_id", SqlType.INTEGER)),
          List.of(1, 2));

  private CatalogTables() {}

  private static TableDescriptor table(
      int id, String name, List<ColumnDescriptor> columns, List<Integer> key) {
    return new TableDescriptor(
        id, "sheaf_catalog", name, 1, columns, key, name + "_pkey", List.of(), 10);
  }

  private static ColumnDescriptor column(int id, String name, SqlType type) {
    return new ColumnDescriptor(id, name, type, false, null, null);
  }

  static byte[] schemaKey(String schema) {
    return key(SCHEMAS.id(), text(schema));
  }

  static byte[] schemaRow(String schema) {
    return row(text(schema));
  }

  /** The key whose change means that the table changed; guarded by every write to the table. */
  public static byte[] tableKey(int tableId) {
    return CatalogKeys.table(tableId);
  }

  static byte[] tableRow(TableDescriptor table) {
    return row(table.id(), DescriptorCodec.encode(table));
  }

  static byte[] nameKey(String schema, String name) {
    return key(TABLE_NAMES.id(), text(schema), text(name));
  }

  static byte[] nameRow(TableDescriptor table) {
    return row(text(table.schema()), text(table.name()), table.id());
  }

  static byte[] sequenceKey(String sequence) {
    return key(SEQUENCES_ID, text(sequence));
  }

  static byte[] sequenceRow(String sequence, long next) {
    return row(text(sequence), next);
  }

  /** What a duplicate of a catalog key means to a user; empty if it is not a catalog key. */
  public static Optional<SheafException> duplicate(byte[] key) {
    int tableId = TableKey.tableIdOf(key);
    if (tableId == TABLE_NAMES.id()) {
      PhysicalType[] types = {PhysicalType.BYTES, PhysicalType.BYTES};
      Object name = Objects.requireNonNull(TableKey.decode(key, types)[1]);
      return Optional.of(
          new SheafException(
              ErrorCode.DUPLICATE_TABLE,
              "relation \"" + text((byte[]) name) + "\" already exists"));
    }
    if (tableId == SCHEMAS.id()) {
      Object name =
          Objects.requireNonNull(TableKey.decode(key, new PhysicalType[] {PhysicalType.BYTES})[0]);
      return Optional.of(
          new SheafException(
              ErrorCode.DUPLICATE_SCHEMA, "schema \"" + text((byte[]) name) + "\" already exists"));
    }
    return Optional.empty();
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static byte[] key(int tableId, Object... values) {
    return TableKey.encode(tableId, types(values), values);
  }

  private static byte[] row(@Nullable Object... values) {
    int[] ids = new int[values.length];
    Arrays.setAll(ids, i -> i + 1);
    return RowCodec.encode(new Row(ids, types(values), values));
  }

  private static PhysicalType[] types(@Nullable Object[] values) {
    return Arrays.stream(values)
        .map(value ->
            switch (value) {
              case Integer _ -> PhysicalType.INT;
              case Long _ -> PhysicalType.LONG;
              case null, default -> PhysicalType.BYTES;
            })
        .toArray(PhysicalType[]::new);
  }
}

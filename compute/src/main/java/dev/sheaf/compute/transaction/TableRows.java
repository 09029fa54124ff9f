package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Encodes rows and keys of a table from batches whose columns are the table's. Immutable. */
final class TableRows {
  /** Longest row accepted (54000 beyond). */
  static final int MAX_ROW_BYTES = 16 << 20;

  private final TableDescriptor table;
  private final int[] columnIds;
  private final int[] ordinalsById;
  private final PhysicalType[] typesById;
  private final int[] keyOrdinals;
  private final PhysicalType[] keyTypes;

  TableRows(TableDescriptor table) {
    this.table = table;
    List<ColumnDescriptor> columns = table.columns();
    ordinalsById =
        IntStream.range(0, columns.size())
            .boxed()
            .sorted((a, b) -> Integer.compare(columns.get(a).id(), columns.get(b).id()))
            .mapToInt(Integer::intValue)
            .toArray();
    columnIds = IntStream.of(ordinalsById).map(i -> columns.get(i).id()).toArray();
    typesById = types(table, ordinalsById);
    keyOrdinals = table.primaryKey().stream().mapToInt(table::ordinalOf).toArray();
    keyTypes = types(table, keyOrdinals);
  }

  private static PhysicalType[] types(TableDescriptor table, int[] ordinals) {
    return IntStream.of(ordinals)
        .mapToObj(i -> table.columns().get(i).type().physical())
        .toArray(PhysicalType[]::new);
  }

  /**
   * Physical row {@code row} of a batch whose first columns from {@code offset} are the table's.
   */
  byte[] row(Batch batch, int offset, int row) {
    @Nullable Object[] values = new Object[ordinalsById.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = batch.column(offset + ordinalsById[i]).value(row);
    }
    byte[] bytes = RowCodec.encode(new Row(columnIds, typesById, values));
    if (bytes.length > MAX_ROW_BYTES) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED,
          "row of " + bytes.length + " bytes is longer than " + MAX_ROW_BYTES);
    }
    return bytes;
  }

  /** The key of a row; only for tables with a primary key. */
  byte[] key(Batch batch, int offset, int row) {
    @Nullable Object[] values = new Object[keyOrdinals.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = batch.column(offset + keyOrdinals[i]).value(row);
    }
    return TableKey.encode(table.id(), keyTypes, values);
  }
}

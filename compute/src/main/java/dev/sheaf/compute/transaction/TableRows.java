package dev.sheaf.compute.transaction;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyWriter;
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
    requireLength(bytes.length);
    return bytes;
  }

  private static void requireLength(long bytes) {
    if (bytes > MAX_ROW_BYTES) {
      throw new SheafException(
          ErrorCode.PROGRAM_LIMIT_EXCEEDED,
          "row of " + bytes + " bytes is longer than " + MAX_ROW_BYTES);
    }
  }

  /** The same limit for rows that are not encoded: their strings and bytes alone must keep it. */
  static void requireLengths(Batch batch) {
    if (bytesOf(batch, 0, batch.selected()) <= MAX_ROW_BYTES) {
      return;
    }
    for (int i = 0; i < batch.selected(); i++) {
      requireLength(bytesOf(batch, i, i + 1));
    }
  }

  private static long bytesOf(Batch batch, int from, int to) {
    long bytes = 0;
    for (Vec column : batch.columns()) {
      if (column instanceof Vec.BytesVec values) {
        for (int i = from; i < to; i++) {
          bytes += values.length()[batch.row(i)];
        }
      }
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

  /** Keys of the live rows, at their physical positions; for tables with a primary key. */
  Vec keys(Batch batch) {
    return encode(
        batch,
        (out, i, row) -> {
          for (int ordinal : keyOrdinals) {
            add(out, batch.column(ordinal), row);
          }
        });
  }

  /** The same for tables without one: the live rows' hidden ids ascend from {@code first}. */
  Vec rowIdKeys(Batch batch, long first) {
    return encode(batch, (out, i, row) -> out.add(first + i));
  }

  private interface KeyValues {
    void add(KeyWriter out, int liveRow, int row);
  }

  private Vec encode(Batch batch, KeyValues values) {
    int[] start = new int[batch.rows()];
    int[] length = new int[batch.rows()];
    var out = new KeyWriter((TableKey.PREFIX_BYTES + 12) * Math.max(1, batch.selected()));
    for (int i = 0; i < batch.selected(); i++) {
      int row = batch.row(i);
      out.begin(table.id());
      values.add(out, i, row);
      start[row] = out.start();
      length[row] = out.end();
    }
    return Vec.BytesVec.of(out.data(), start, length, null, batch.rows());
  }

  private static void add(KeyWriter out, Vec column, int row) {
    if (column.isNull(row)) {
      out.addNull();
      return;
    }
    switch (column) {
      case Vec.BoolVec v -> out.add(v.values()[row] != 0);
      case Vec.IntVec v -> out.add(v.values()[row]);
      case Vec.LongVec v -> out.add(v.values()[row]);
      case Vec.Int128Vec v -> out.add(v.high()[row], v.low()[row]);
      case Vec.DoubleVec v -> out.add(v.values()[row]);
      case Vec.BytesVec v -> out.add(v.data(), v.start()[row], v.length()[row]);
    }
  }
}

package dev.sheaf.compute.storage;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a scan's batches, in order: table columns, then the encoded key if asked for.
 * Immutable.
 */
record ReadColumns(List<ColumnRequest> requests, boolean withKey) {

  static final ColumnRequest KEY =
      new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null);

  static ReadColumns of(TableDescriptor table, List<Integer> ordinals, boolean withKey) {
    List<ColumnRequest> requests = new ArrayList<>(ordinals.size() + 1);
    for (int ordinal : ordinals) {
      ColumnDescriptor column = table.columns().get(ordinal);
      requests.add(new ColumnRequest(column.id(), column.type().physical(), column.addedDefault()));
    }
    if (withKey) {
      requests.add(KEY);
    }
    return new ReadColumns(requests, withKey);
  }

  int size() {
    return requests.size();
  }

  ColumnRequest get(int position) {
    return requests.get(position);
  }

  /** The requests with the key at the end, whether the scan puts it out or not. */
  List<ColumnRequest> andKey() {
    if (withKey) {
      return requests;
    }
    List<ColumnRequest> more = new ArrayList<>(requests);
    more.add(KEY);
    return more;
  }

  RowBatch rows(int capacity) {
    return new RowBatch(this, capacity);
  }

  /** Collects stored rows into a batch of these columns. Used by one thread. */
  static final class RowBatch {
    private final ReadColumns columns;
    private final VecBuilder[] builders;
    private int rows;

    private RowBatch(ReadColumns columns, int capacity) {
      this.columns = columns;
      this.builders = new VecBuilder[columns.size()];
      for (int i = 0; i < builders.length; i++) {
        builders[i] = new VecBuilder(columns.get(i).type(), capacity);
      }
    }

    void add(byte[] key, byte[] rowBytes) {
      Row row = RowCodec.decode(rowBytes);
      for (int i = 0; i < builders.length; i++) {
        builders[i].append(value(columns.get(i), key, row));
      }
      rows++;
    }

    private static @Nullable Object value(ColumnRequest column, byte[] key, Row row) {
      if (column.columnId() == ColumnRequest.KEY_COLUMN) {
        return key;
      }
      int at = row.indexOf(column.columnId());
      return at < 0 ? column.missingValue() : row.values()[at];
    }

    Batch build() {
      Vec[] vectors = new Vec[builders.length];
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] = builders[i].build();
      }
      return Batch.of(vectors, rows);
    }
  }
}

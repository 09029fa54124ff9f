package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.column.BytesColumnBuilder;
import dev.sheaf.pageserver.column.ColumnBuilder;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.util.Arrays;
import java.util.List;

/** Rows of a load in memory, as columns; the first is the key. Used by one thread. */
final class ChunkBuffer {
  private final int tableId;
  private final BytesColumnBuilder keys = new BytesColumnBuilder();
  private final ColumnBuilder[] columns;
  private boolean ascending = true;

  /**
   * @param types of the columns after the key
   */
  ChunkBuffer(int tableId, List<PhysicalType> types) {
    this.tableId = tableId;
    this.columns = types.stream().map(ColumnBuilder::of).toArray(ColumnBuilder[]::new);
  }

  int rows() {
    return keys.size();
  }

  long sizeBytes() {
    long bytes = keys.sizeBytes();
    for (ColumnBuilder column : columns) {
      bytes += column.sizeBytes();
    }
    return bytes;
  }

  /** Copies the live rows of a batch. */
  void append(Batch batch) {
    Vec key = batch.column(0);
    int first = keys.size();
    for (int i = 0; key.hasNulls() && i < batch.selected(); i++) {
      if (key.isNull(batch.row(i))) {
        throw new SheafException(ErrorCode.INTERNAL_ERROR, "a row to load has no key");
      }
    }
    keys.appendAll(key, batch);
    for (int c = 0; c < columns.length; c++) {
      columns[c].appendAll(batch.column(c + 1), batch);
    }
    for (int at = Math.max(1, first); ascending && at < keys.size(); at++) {
      ascending = keys.compare(at - 1, at) < 0;
    }
  }

  /** Appends all rows, at least one, to the draft in key order; 23505 if a key is there twice. */
  void writeTo(SegmentDraft draft) {
    int[] order = new int[rows()];
    Arrays.setAll(order, i -> i);
    if (!ascending) {
      sort(order);
      for (int i = 1; i < order.length; i++) {
        if (keys.compare(order[i - 1], order[i]) == 0) {
          throw DuplicateKeys.of(keys.bytes(order[i]));
        }
      }
    }
    checkTable(order[0]);
    checkTable(order[order.length - 1]);
    for (int from = 0; from < order.length; from += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, order.length - from);
      Vec[] vectors = new Vec[columns.length + 1];
      vectors[0] = keys.gather(order, from, count);
      for (int c = 0; c < columns.length; c++) {
        vectors[c + 1] = columns[c].gather(order, from, count);
      }
      draft.append(Batch.of(vectors, count), null);
    }
  }

  /** For the least and the greatest key: then all keys between them are of the table too. */
  private void checkTable(int row) {
    if (TableKey.tableIdOf(keys.bytes(row)) != tableId) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a row to load is of another table");
    }
  }

  /** Merge sort, bottom up: stable, no boxing. */
  private void sort(int[] order) {
    int[] from = order;
    int[] to = new int[order.length];
    for (int width = 1; width < order.length; width *= 2) {
      for (int low = 0; low < order.length; low += 2 * width) {
        merge(from, to, low, Math.min(low + width, order.length), low + 2 * width);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    if (from != order) {
      System.arraycopy(from, 0, order, 0, order.length);
    }
  }

  private void merge(int[] from, int[] to, int low, int middle, int wantedHigh) {
    int high = Math.min(wantedHigh, from.length);
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeLeft =
          left < middle && (right >= high || keys.compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }
}

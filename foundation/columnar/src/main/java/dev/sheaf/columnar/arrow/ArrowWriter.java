package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Turns a stream of engine batches into a few Arrow batches of about {@link #TARGET_BYTES}: large
 * ones make a stream two to three times as fast as one per engine batch, and clients refuse
 * messages above 16 MiB. The first rows leave at once, so that a client that waits for them with a
 * timeout is not kept by coalescing.
 *
 * <p>Each {@link #next} writes into fresh buffers, so a transport may still hold those of the batch
 * before. Owns the source. Not thread-safe.
 */
public final class ArrowWriter implements AutoCloseable {
  public static final int TARGET_BYTES = 2 << 20;

  /** Above this a batch is cut, unless it is a single row. */
  public static final int MAX_BYTES = 8 << 20;

  public static final int MAX_ROWS = 1 << 16;

  private final BatchSource source;
  private final VectorSchemaRoot root;
  private final ColumnWriter[] writers;
  private final int[] textColumns;
  private final int fixedRowBytes;

  private final List<RowRange> ranges = new ArrayList<>();
  private @Nullable Batch pending;
  private int pendingFrom;
  private long targetBytes = 1;

  public ArrowWriter(List<Field> fields, BatchSource source, BufferAllocator allocator) {
    this.source = source;
    this.writers = fields.stream().map(f -> ColumnWriter.of(f.type())).toArray(ColumnWriter[]::new);
    this.root = VectorSchemaRoot.create(ArrowTypes.resultSchema(fields), allocator);
    int fixed = 0;
    List<Integer> text = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      SqlType type = fields.get(i).type();
      fixed += rowBytes(type);
      if (type.physical() == PhysicalType.BYTES && type.kind() != SqlType.Kind.UUID) {
        text.add(i);
      }
    }
    this.fixedRowBytes = fixed;
    this.textColumns = text.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int rowBytes(SqlType type) {
    if (type.kind() == SqlType.Kind.UUID) {
      return BytesWriter.UUID_TEXT_BYTES + 4;
    }
    return switch (type.physical()) {
      case BOOL -> 1;
      case INT, BYTES -> 4;
      case LONG, DOUBLE -> 8;
      case INT128 -> 16;
    };
  }

  /** The batch being filled; its schema never changes. */
  public VectorSchemaRoot root() {
    return root;
  }

  /** Fills {@link #root} with the next rows, at least one; false at the end. */
  public boolean next() {
    ranges.clear();
    int rows = 0;
    long bytes = 0;
    while (rows < MAX_ROWS && bytes < targetBytes) {
      Batch batch = current();
      if (batch == null) {
        break;
      }
      int count = fitting(batch, Math.min(batch.selected() - pendingFrom, MAX_ROWS - rows), bytes);
      if (count == 0) {
        break;
      }
      ranges.add(new RowRange(batch, pendingFrom, count));
      bytes += bytes(batch, pendingFrom, count);
      pendingFrom += count;
      rows += count;
    }
    targetBytes = TARGET_BYTES;
    if (rows == 0) {
      return false;
    }
    root.clear();
    for (int i = 0; i < writers.length; i++) {
      writers[i].write(ranges, i, root.getVector(i), rows);
    }
    root.setRowCount(rows);
    ranges.clear();
    return true;
  }

  private @Nullable Batch current() {
    while (pending == null || pendingFrom == pending.selected()) {
      pending = source.next();
      pendingFrom = 0;
      if (pending == null) {
        return null;
      }
    }
    return pending;
  }

  /**
   * How many of the next {@code count} rows keep the batch below the maximum; at least the first.
   */
  private int fitting(Batch batch, int count, long bytesSoFar) {
    if (bytesSoFar + bytes(batch, pendingFrom, count) <= MAX_BYTES) {
      return count;
    }
    long bytes = bytesSoFar;
    for (int i = 0; i < count; i++) {
      bytes += bytes(batch, pendingFrom + i, 1);
      if (bytes > MAX_BYTES) {
        return i == 0 && ranges.isEmpty() ? 1 : i;
      }
    }
    return count;
  }

  private long bytes(Batch batch, int from, int count) {
    long bytes = (long) fixedRowBytes * count;
    for (int column : textColumns) {
      var values = (BytesVec) batch.column(column);
      int[] length = values.length();
      for (int i = from; i < from + count; i++) {
        bytes += length[batch.row(i)];
      }
    }
    return bytes;
  }

  /** Closes the source and frees the root. */
  @Override
  public void close() {
    try (root) {
      source.close();
    }
  }
}

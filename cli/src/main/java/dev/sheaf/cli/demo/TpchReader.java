package dev.sheaf.cli.demo;

import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Generates a TPC-H table as a stream of Arrow batches, in primary key order, holding one batch at
 * a time.
 */
public final class TpchReader<E extends TpchEntity> extends ArrowReader {
  private static final int BATCH_ROWS = 16_384;

  private final List<TpchColumn<E>> columns;
  private final Iterator<E> rows;
  private final LongConsumer progress;
  private long produced;

  private TpchReader(
      TpchTable<E> table, double scale, BufferAllocator allocator, LongConsumer progress) {
    super(allocator);
    this.columns = table.getColumns();
    this.rows = table.createGenerator(scale, 1, 1).iterator();
    this.progress = progress;
  }

  /**
   * @param progress hears the number of rows so far after each batch
   */
  public static ArrowReader of(
      TpchTable<?> table, double scale, BufferAllocator allocator, LongConsumer progress) {
    return new TpchReader<>(table, scale, allocator, progress);
  }

  @Override
  protected Schema readSchema() {
    return new Schema(
        columns.stream().map(c -> Field.notNullable(c.getColumnName(), type(c))).toList());
  }

  private static ArrowType type(TpchColumn<?> column) {
    return switch (column.getType().getBase()) {
      case INTEGER -> new ArrowType.Int(32, true);
      case IDENTIFIER -> new ArrowType.Int(64, true);
      case DATE -> new ArrowType.Date(DateUnit.DAY);
      case DOUBLE -> new ArrowType.Decimal(15, 2, 128);
      case VARCHAR -> ArrowType.Utf8.INSTANCE;
    };
  }

  @Override
  public boolean loadNextBatch() throws java.io.IOException {
    prepareLoadNextBatch();
    VectorSchemaRoot root = getVectorSchemaRoot();
    root.allocateNew();
    int n = 0;
    for (; n < BATCH_ROWS && rows.hasNext(); n++) {
      E row = rows.next();
      for (int c = 0; c < columns.size(); c++) {
        set(root.getVector(c), n, columns.get(c), row);
      }
    }
    root.setRowCount(n);
    produced += n;
    progress.accept(produced);
    return n > 0;
  }

  private void set(FieldVector vector, int i, TpchColumn<E> column, E row) {
    switch (vector) {
      case IntVector v -> v.setSafe(i, column.getInteger(row));
      case BigIntVector v -> v.setSafe(i, column.getIdentifier(row));
      case DateDayVector v -> v.setSafe(i, column.getDate(row));
      case DecimalVector v -> v.setSafe(i, Math.round(column.getDouble(row) * 100));
      case VarCharVector v -> v.setSafe(i, column.getString(row).getBytes(StandardCharsets.UTF_8));
      default -> throw new IllegalStateException("unexpected vector " + vector);
    }
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {
    // Nothing is open: the rows are generated.
  }
}

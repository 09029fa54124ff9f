package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchReader;
import dev.sheaf.columnar.arrow.ArrowReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import io.trino.tpch.TpchTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.jspecify.annotations.Nullable;

/**
 * TPC-H's lineitem as a page server writes it: key first, then the columns.
 *
 * @param names of the columns, without the key
 */
record LineItems(List<String> names, List<SegmentColumn> columns, List<Batch> batches, long rows) {
  private static final int TABLE_ID = 7;
  private static final PhysicalType[] KEY = {PhysicalType.LONG, PhysicalType.INT};
  private static final int ORDER_KEY = 0;
  private static final int LINE_NUMBER = 3;

  static LineItems generate(double scale, BufferAllocator allocator) throws IOException {
    List<Batch> batches = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<SegmentColumn> columns = new ArrayList<>();
    long rows = 0;
    try (var source = TpchReader.of(TpchTable.LINE_ITEM, scale, allocator, n -> {})) {
      var root = source.getVectorSchemaRoot();
      var reader = ArrowReader.natural(root.getSchema(), new MapDictionaryProvider());
      root.getSchema().getFields().forEach(field -> names.add(field.getName()));
      while (source.loadNextBatch()) {
        for (Batch batch : reader.readBatches(root)) {
          batches.add(withKeys(batch));
          rows += batch.rows();
        }
      }
    }
    Vec[] first = batches.getFirst().columns();
    for (int c = 1; c < first.length; c++) {
      columns.add(new SegmentColumn(c, first[c].type()));
    }
    return new LineItems(names, columns, batches, rows);
  }

  private static Batch withKeys(Batch batch) {
    int rows = batch.rows();
    var data = new ByteArrayOutputStream();
    int[] start = new int[rows];
    int[] length = new int[rows];
    for (int i = 0; i < rows; i++) {
      byte[] key = key(batch.column(ORDER_KEY).value(i), batch.column(LINE_NUMBER).value(i));
      start[i] = data.size();
      length[i] = key.length;
      data.writeBytes(key);
    }
    Vec[] all = new Vec[batch.columns().length + 1];
    all[0] = BytesVec.of(data.toByteArray(), start, length, null, rows);
    System.arraycopy(batch.columns(), 0, all, 1, batch.columns().length);
    return Batch.of(all, rows);
  }

  private static byte[] key(@Nullable Object order, @Nullable Object line) {
    return TableKey.encode(TABLE_ID, KEY, new @Nullable Object[] {order, line});
  }

  /** The key of a row of a batch. */
  static byte[] keyOf(Batch batch, int row) {
    return ((BytesVec) batch.column(0)).bytes(row);
  }
}

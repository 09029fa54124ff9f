package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.compute.storage.StatementStorage;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tables as lists of rows, cut into splits and batches of odd sizes; text columns come
 * dictionary-coded in every other split. Counts what is open.
 */
final class InMemoryStorage implements StatementStorage {
  private final int splitRows;
  private final int batchRows;
  private final Map<Integer, List<@Nullable Object[]>> tables = new HashMap<>();
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger opened = new AtomicInteger();
  @Nullable Expr lastPruning;
  @Nullable Timestamp lastAsOf;

  InMemoryStorage(int splitRows, int batchRows) {
    this.splitRows = splitRows;
    this.batchRows = batchRows;
  }

  void put(TableDescriptor table, List<@Nullable Object[]> rows) {
    tables.put(table.id(), rows);
  }

  private static byte[] key(TableDescriptor table, @Nullable Object[] row) {
    PhysicalType[] types = KeyRanges.keyTypes(table);
    @Nullable Object[] values = new Object[types.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[table.ordinalOf(table.primaryKey().get(i))];
    }
    return TableKey.encode(table.id(), types, values);
  }

  @Override
  public Scan scan(ScanSpec spec) {
    lastPruning = spec.pruning();
    lastAsOf = spec.asOf();
    List<@Nullable Object[]> rows =
        tables.get(spec.table().id()).stream()
            .filter(
                r -> spec.table().hasHiddenRowId() || spec.range().contains(key(spec.table(), r)))
            .toList();
    open.incrementAndGet();
    List<Split> splits = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += splitRows) {
      List<@Nullable Object[]> part = rows.subList(from, Math.min(rows.size(), from + splitRows));
      boolean coded = splits.size() % 2 == 0;
      splits.add(
          new Split() {
            @Override
            public long estimatedRows() {
              return part.size();
            }

            @Override
            public BatchSource open() {
              return source(spec, part, coded);
            }
          });
    }
    return new Scan() {
      private boolean closed;

      @Override
      public List<Split> splits() {
        return splits;
      }

      @Override
      public ScanStatistics statistics() {
        return new ScanStatistics(rows.size() * 10L, 0, 0, rows.size());
      }

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          open.decrementAndGet();
        }
      }
    };
  }

  private BatchSource source(ScanSpec spec, List<@Nullable Object[]> rows, boolean coded) {
    open.incrementAndGet();
    opened.incrementAndGet();
    LateFilter filter = spec.lateFilter() == null ? null : spec.lateFilter().copy();
    return new BatchSource() {
      private int position;
      private boolean closed;

      @Override
      public @Nullable Batch next() {
        if (position >= rows.size()) {
          return null;
        }
        int to = Math.min(rows.size(), position + batchRows);
        Batch batch =
            batch(spec.table(), spec.columns(), spec.withKey(), rows.subList(position, to), coded);
        position = to;
        return filter == null ? batch : filter.apply(batch);
      }

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          open.decrementAndGet();
        }
      }
    };
  }

  private static Batch batch(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<@Nullable Object[]> rows,
      boolean coded) {
    Vec[] out = new Vec[columns.size() + (withKey ? 1 : 0)];
    for (int c = 0; c < columns.size(); c++) {
      int ordinal = columns.get(c);
      Vec vec =
          Vectors.of(
              table.columns().get(ordinal).type().physical(),
              rows.stream().map(r -> r[ordinal]).toArray());
      out[c] = coded && vec instanceof BytesVec bytes ? coded(bytes) : vec;
    }
    if (withKey) {
      out[columns.size()] =
          Vectors.of(PhysicalType.BYTES, rows.stream().map(r -> (Object) key(table, r)).toArray());
    }
    return Batch.of(out, rows.size());
  }

  static BytesVec coded(BytesVec vec) {
    List<byte[]> entries = new ArrayList<>();
    entries.add(new byte[0]);
    int[] codes = new int[vec.size()];
    for (int i = 0; i < codes.length; i++) {
      if (!vec.isNull(i)) {
        byte[] value = vec.bytes(i);
        int code = 0;
        while (code < entries.size() && !Arrays.equals(entries.get(code), value)) {
          code++;
        }
        if (code == entries.size()) {
          entries.add(value);
        }
        codes[i] = code;
      }
    }
    BytesVec dictionary = (BytesVec) Vectors.of(PhysicalType.BYTES, entries.toArray());
    int[] start = new int[codes.length];
    int[] length = new int[codes.length];
    for (int i = 0; i < codes.length; i++) {
      start[i] = dictionary.start()[codes[i]];
      length[i] = dictionary.length()[codes[i]];
    }
    return new BytesVec(
        dictionary.data(), start, length, codes, dictionary, vec.validity(), codes.length);
  }

  @Override
  public Batch lookup(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<byte[]> keys,
      @Nullable Timestamp asOf) {
    lastAsOf = asOf;
    List<@Nullable Object[]> found = new ArrayList<>();
    for (byte[] key : keys) {
      for (@Nullable Object[] row : tables.get(table.id())) {
        if (Arrays.equals(key(table, row), key)) {
          found.add(row);
        }
      }
    }
    return batch(table, columns, withKey, found, false);
  }
}

package dev.sheaf.compute.diff;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Of a table without a key: how many more or fewer of equal rows there are. Keeps the rows that
 * differ in memory, charged to the statement: 53200 beyond its budget.
 */
final class KeylessDiff implements TableDiff {
  /** A map's entry, its key and its count. */
  private static final long ENTRY_BYTES = 160;

  private final TableViews views;
  private final DiffColumns columns;
  private final DiffContext context;
  private final int[] ids;
  private final PhysicalType[] types;

  /** Net number by encoded row: positive = added. */
  private final Map<ByteBuffer, Long> counts = new LinkedHashMap<>();

  private @Nullable Iterator<Map.Entry<ByteBuffer, Long>> differences;
  private byte[] encoded = new byte[0];
  private long left;
  private Change change = Change.ADDED;
  private long held;

  /** All columns of both sides are compared. */
  KeylessDiff(TableViews views, DiffColumns columns, DiffContext context) {
    this.views = views;
    this.columns = columns;
    this.context = context;
    this.ids = IntStream.rangeClosed(1, columns.comparedFrom().length).toArray();
    this.types =
        IntStream.of(columns.comparedFrom())
            .mapToObj(i -> columns.from().get(i).type().physical())
            .toArray(PhysicalType[]::new);
  }

  private void count(SideRows side, int[] compared, long step) {
    try (side) {
      while (side.next()) {
        RowCursor cursor = side.current();
        if (cursor != null) {
          add(encode(cursor.row(), compared), step);
        }
      }
    }
  }

  private byte[] encode(DiffRow row, int[] compared) {
    @Nullable Object[] values = new Object[compared.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.batch().column(compared[i]).value(row.row());
    }
    return RowCodec.encode(new Row(ids, types, values));
  }

  private void add(byte[] row, long step) {
    var key = ByteBuffer.wrap(row);
    long bytes = ENTRY_BYTES + row.length;
    Long before = counts.get(key);
    if (before == null) {
      context.memory().reserve(bytes);
      held += bytes;
      counts.put(key, step);
    } else if (before + step == 0) {
      counts.remove(key);
      context.memory().release(bytes);
      held -= bytes;
    } else {
      counts.put(key, before + step);
    }
  }

  @Override
  public boolean next() {
    if (differences == null) {
      count(views.onlyFrom(), columns.comparedFrom(), -1);
      count(views.onlyTo(), columns.comparedTo(), 1);
      differences = counts.entrySet().iterator();
    }
    if (left == 0) {
      if (!differences.hasNext()) {
        return false;
      }
      Map.Entry<ByteBuffer, Long> row = differences.next();
      encoded = row.getKey().array();
      left = Math.abs(row.getValue());
      change = row.getValue() < 0 ? Change.REMOVED : Change.ADDED;
    }
    left--;
    return true;
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public @Nullable DiffRow before() {
    return change == Change.ADDED ? null : decode(columns.from(), columns.comparedFrom());
  }

  @Override
  public @Nullable DiffRow after() {
    return change == Change.REMOVED ? null : decode(columns.to(), columns.comparedTo());
  }

  private DiffRow decode(List<ColumnDescriptor> side, int[] compared) {
    Row row = RowCodec.decode(encoded);
    Vec[] vectors = new Vec[side.size()];
    for (int i = 0; i < compared.length; i++) {
      vectors[compared[i]] = Vectors.constant(types[i], row.values()[i], 1);
    }
    return new DiffRow(Batch.of(vectors, 1), 0);
  }

  @Override
  public void close() {
    counts.clear();
    context.memory().release(held);
    held = 0;
    views.close();
  }
}

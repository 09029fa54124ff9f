package dev.sheaf.compute.diff;

import dev.sheaf.columnar.kernel.VecAppender;
import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table that differ, in the order of the key: how, and the row's columns on the first
 * and on the second side, NULL where the side has no such row. Used by one thread.
 */
public final class DiffRows implements BatchSource {
  private static final int BATCH_ROWS = 1024;
  private static final long BATCH_BYTES = 1L << 20;

  private static final Map<Change, Vec> WORDS = words();

  private final TableDiff diff;
  private final List<Column> columns;
  private long left;

  /**
   * A column of the result.
   *
   * @param first whether it shows the first side
   * @param position in that side's batches
   */
  private record Column(Field field, boolean first, int position) {}

  /**
   * @param limit rows at most
   */
  public DiffRows(TablePair pair, DiffSide from, DiffSide to, long limit, DiffContext context) {
    DiffColumns read = DiffColumns.all(pair);
    this.columns = columns(read);
    this.left = limit;
    this.diff =
        TableDiff.of(
            new TableViews(pair, from, read.from(), to, read.to(), context), read, context);
  }

  private static Map<Change, Vec> words() {
    var words = new EnumMap<Change, Vec>(Change.class);
    for (Change change : Change.values()) {
      byte[] word = change.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
      words.put(change, Vectors.constant(PhysicalType.BYTES, word, 1));
    }
    return words;
  }

  /** {@code change}, then {@code from_x} and {@code to_x} for each column, as the sides have it. */
  public static List<Field> fields(TablePair pair) {
    var fields = new ArrayList<Field>();
    fields.add(new Field("change", SqlType.TEXT, false));
    columns(DiffColumns.all(pair)).forEach(column -> fields.add(column.field));
    return List.copyOf(fields);
  }

  private static List<Column> columns(DiffColumns read) {
    var columns = new ArrayList<Column>();
    for (int i = 0; i < read.to().size(); i++) {
      String name = read.to().get(i).name();
      for (int j = 0; j < read.from().size(); j++) {
        if (read.from().get(j).name().equals(name)) {
          columns.add(column(read.from().get(j), true, j));
        }
      }
      columns.add(column(read.to().get(i), false, i));
    }
    for (int j = 0; j < read.from().size(); j++) {
      String name = read.from().get(j).name();
      if (read.to().stream().noneMatch(column -> column.name().equals(name))) {
        columns.add(column(read.from().get(j), true, j));
      }
    }
    return columns;
  }

  private static Column column(ColumnDescriptor column, boolean first, int position) {
    String name = (first ? "from_" : "to_") + column.name();
    return new Column(new Field(name, column.type(), true), first, position);
  }

  @Override
  public @Nullable Batch next() {
    VecAppender[] out = new VecAppender[columns.size() + 1];
    out[0] = new VecAppender(PhysicalType.BYTES);
    for (int i = 1; i < out.length; i++) {
      out[i] = new VecAppender(columns.get(i - 1).field.type().physical());
    }
    int rows = 0;
    long bytes = 0;
    while (rows < BATCH_ROWS && bytes < BATCH_BYTES && left > 0 && diff.next()) {
      rows++;
      left--;
      bytes += append(out);
    }
    if (rows == 0) {
      return null;
    }
    Vec[] vectors = new Vec[out.length];
    for (int i = 0; i < out.length; i++) {
      vectors[i] = out[i].build();
    }
    return Batch.of(vectors, rows);
  }

  /** Appends the difference; returns its bytes, roughly. */
  private long append(VecAppender[] out) {
    DiffRow before = diff.before();
    DiffRow after = diff.after();
    long bytes = 0;
    int[] row = new int[1];
    out[0].append(WORDS.getOrDefault(diff.change(), Vectors.nulls(PhysicalType.BYTES, 1)), null, 1);
    for (int i = 1; i < out.length; i++) {
      Column column = columns.get(i - 1);
      DiffRow side = column.first ? before : after;
      if (side == null) {
        out[i].append(Vectors.nulls(column.field.type().physical(), 1), null, 1);
      } else {
        Vec vec = side.batch().column(column.position);
        row[0] = side.row();
        out[i].append(vec, row, 1);
        bytes += vec instanceof Vec.BytesVec text ? 8 + text.length()[side.row()] : 16;
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    diff.close();
  }
}

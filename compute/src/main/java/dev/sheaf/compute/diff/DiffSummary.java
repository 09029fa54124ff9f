package dev.sheaf.compute.diff;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which tables differ, how their schemas do, and by how many rows. */
public final class DiffSummary {
  /** The summary's columns. Numbers of rows are NULL where rows cannot be compared. */
  public static final List<Field> FIELDS =
      List.of(
          new Field("table_schema", SqlType.TEXT, false),
          new Field("table_name", SqlType.TEXT, false),
          new Field("schema_change", SqlType.TEXT, true),
          new Field("rows_added", SqlType.BIGINT, true),
          new Field("rows_removed", SqlType.BIGINT, true),
          new Field("rows_changed", SqlType.BIGINT, true));

  private DiffSummary() {}

  private static final class Counts {
    long added;
    long removed;
    long changed;

    boolean isEmpty() {
      return added + removed + changed == 0;
    }
  }

  /** One row for each table that differs, by name, up to a limit. */
  public static Batch of(DiffSide from, DiffSide to, long limit, DiffContext context) {
    var rows = new ArrayList<@Nullable Object[]>();
    for (TablePair pair : TablePair.of(from.catalog(), to.catalog())) {
      if (rows.size() >= limit) {
        break;
      }
      context.alive().run();
      String schemaChange = pair.schemaChange();
      Counts counts = pair.incomparable() == null ? count(pair, from, to, context) : null;
      if (schemaChange != null || counts == null || !counts.isEmpty()) {
        rows.add(
            new @Nullable Object[] {
              text(pair.any().schema()),
              text(pair.any().name()),
              schemaChange == null ? null : text(schemaChange),
              counts == null ? null : counts.added,
              counts == null ? null : counts.removed,
              counts == null ? null : counts.changed
            });
      }
    }
    Vec[] columns = new Vec[FIELDS.size()];
    for (int i = 0; i < columns.length; i++) {
      PhysicalType type = FIELDS.get(i).type().physical();
      @Nullable Object[] values = new Object[rows.size()];
      for (int r = 0; r < values.length; r++) {
        values[r] = rows.get(r)[i];
      }
      columns[i] = Vectors.of(type, values);
    }
    return Batch.of(columns, rows.size());
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Counts count(TablePair pair, DiffSide from, DiffSide to, DiffContext context) {
    var counts = new Counts();
    DiffColumns read = DiffColumns.compared(pair);
    var views = new TableViews(pair, from, read.from(), to, read.to(), context);
    try (TableDiff diff = TableDiff.of(views, read, context)) {
      while (diff.next()) {
        switch (diff.change()) {
          case ADDED -> counts.added++;
          case REMOVED -> counts.removed++;
          case CHANGED -> counts.changed++;
        }
      }
    }
    return counts;
  }
}

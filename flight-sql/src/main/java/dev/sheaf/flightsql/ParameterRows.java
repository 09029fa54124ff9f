package dev.sheaf.flightsql;

import dev.sheaf.columnar.arrow.VecFiller;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.flightsql.stream.IncomingBatches;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts all batches of bound parameters together, because they are one atomic execution. */
final class ParameterRows {
  private ParameterRows() {}

  /** All rows as one batch, perhaps without rows. Fails with 54000 above the limit. */
  static Batch collect(IncomingBatches batches, List<Field> fields, int maxRows) {
    List<Batch> parts = new ArrayList<>();
    int rows = 0;
    Batch last = null;
    for (Batch part = batches.nextMessage(); part != null; part = batches.nextMessage()) {
      last = part;
      rows = Math.addExact(rows, part.rows());
      if (rows > maxRows) {
        throw new SheafException(
                ErrorCode.PROGRAM_LIMIT_EXCEEDED,
                "more than " + maxRows + " rows were bound to one execution")
            .withHint("Bind fewer rows at a time, or use bulk ingest.");
      }
      if (part.rows() > 0) {
        parts.add(part);
      }
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    if (parts.isEmpty() && last != null) {
      return last;
    }
    Vec[] columns = new Vec[fields.size()];
    for (int column = 0; column < columns.length; column++) {
      columns[column] = join(parts, column, fields.get(column), rows);
    }
    return Batch.of(columns, rows);
  }

  private static Vec join(List<Batch> parts, int column, Field field, int rows) {
    @Nullable Object[] values = new Object[rows];
    int at = 0;
    for (Batch part : parts) {
      for (int i = 0; i < part.rows(); i++) {
        values[at++] = part.column(column).value(i);
      }
    }
    return VecFiller.of(field.type().physical(), values);
  }
}

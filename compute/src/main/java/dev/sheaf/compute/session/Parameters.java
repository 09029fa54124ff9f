package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of parameters that a statement was called with. Used by one thread. */
final class Parameters {
  private static final @Nullable Object[] NONE = {};

  private final @Nullable Batch batch;

  private Parameters(@Nullable Batch batch) {
    this.batch = batch;
  }

  /**
   * @param batch ignored by a statement without parameters: that runs once
   * @throws SheafException 08P01 wrong number, 42804 wrong types
   */
  static Parameters of(List<Field> fields, @Nullable Batch batch) {
    if (fields.isEmpty()) {
      return new Parameters(null);
    }
    int given = batch == null ? 0 : batch.columns().length;
    if (given != fields.size()) {
      throw new SheafException(
          ErrorCode.PROTOCOL_VIOLATION,
          "the statement has " + fields.size() + " parameters, but " + given + " were bound");
    }
    for (int i = 0; i < given; i++) {
      Vec values = java.util.Objects.requireNonNull(batch).column(i);
      if (values.type() != fields.get(i).type().physical()) {
        throw new SheafException(
            ErrorCode.DATATYPE_MISMATCH,
            "parameter $" + (i + 1) + " is of type " + fields.get(i).type());
      }
    }
    return new Parameters(batch);
  }

  /** How often the statement runs. */
  int rows() {
    return batch == null ? 1 : batch.selected();
  }

  /** Physical values of one row. */
  @Nullable Object[] row(int i) {
    if (batch == null) {
      return NONE;
    }
    @Nullable Object[] values = new Object[batch.columns().length];
    for (int c = 0; c < values.length; c++) {
      values[c] = batch.column(c).value(batch.row(i));
    }
    return values;
  }

  /** All rows as batches of the engine's size. */
  BatchSource batches() {
    return new BatchSource() {
      private int next;

      @Override
      public @Nullable Batch next() {
        if (batch == null || next >= batch.selected()) {
          return null;
        }
        int end = Math.min(batch.selected(), next + Batch.MAX_ROWS);
        Vec[] columns = new Vec[batch.columns().length];
        for (int c = 0; c < columns.length; c++) {
          var builder = new VecBuilder(batch.column(c).type(), end - next);
          for (int i = next; i < end; i++) {
            builder.append(batch.column(c).value(batch.row(i)));
          }
          columns[c] = builder.build();
        }
        Batch part = Batch.of(columns, end - next);
        next = end;
        return part;
      }

      @Override
      public void close() {
        next = Integer.MAX_VALUE;
      }
    };
  }
}

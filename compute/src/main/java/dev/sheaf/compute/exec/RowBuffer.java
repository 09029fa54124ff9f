package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.VecAppender;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;

/** Rows kept as columns: a join's build side, a sort's input. One thread fills it. */
final class RowBuffer {
  private final PhysicalType[] types;
  private final VecAppender[] columns;
  private final Reservation memory;
  private long reserved;
  private int rows;

  RowBuffer(PhysicalType[] types, Reservation memory) {
    this.types = types;
    this.memory = memory;
    this.columns = new VecAppender[types.length];
    for (int c = 0; c < types.length; c++) {
      columns[c] = new VecAppender(types[c]);
    }
  }

  int rows() {
    return rows;
  }

  /** Bytes that appending the batch takes. */
  long growthBytes(Batch batch) {
    long growth = 0;
    for (int c = 0; c < columns.length; c++) {
      growth += columns[c].growthBytes(batch.column(c), batch.selection(), batch.selected());
    }
    return growth;
  }

  void append(Batch batch) {
    long growth = growthBytes(batch);
    if (growth > 0) {
      memory.add(growth);
    }
    append(batch, growth);
  }

  /**
   * @param growth the batch's {@link #growthBytes}, which the caller has taken
   */
  void append(Batch batch, long growth) {
    reserved += growth;
    for (int c = 0; c < columns.length; c++) {
      columns[c].append(batch.column(c), batch.selection(), batch.selected());
    }
    rows += batch.selected();
  }

  /** All rows as one dense batch that shares the buffer's arrays; append no more. */
  Batch toBatch() {
    Vec[] out = new Vec[columns.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = columns[c].build();
    }
    return Batch.of(out, rows);
  }

  /** Gives the memory back; the rows must not be used any more. */
  void release() {
    memory.remove(reserved);
    reserved = 0;
  }

  /** Drains all of an input's streams in parallel into one buffer. */
  static RowBuffer collect(
      Operator input, PhysicalType[] types, Execution execution, Reservation memory) {
    int width = input.width();
    RowBuffer[] parts = new RowBuffer[width];
    execution
        .tasks()
        .run(
            width,
            i -> {
              var part = new RowBuffer(types, memory);
              parts[i] = part;
              DrainedStreams.drain(input, i, execution, part::append);
            });
    for (int i = 1; i < width; i++) {
      parts[0].append(parts[i].toBatch());
      parts[i].release();
    }
    return parts[0];
  }

  PhysicalType[] types() {
    return types;
  }
}

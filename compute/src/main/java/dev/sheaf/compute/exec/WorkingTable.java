package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import java.util.ArrayList;
import java.util.List;

/** The rows that the last step of a recursion has added: a dense batch of any length. Immutable. */
record WorkingTable(Batch rows) {

  /** The rows in batches of the usual length, which share their arrays. */
  List<Batch> slices() {
    List<Batch> out = new ArrayList<>();
    for (int from = 0; from < rows.rows(); from += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, rows.rows() - from);
      Vec[] columns = new Vec[rows.columns().length];
      for (int c = 0; c < columns.length; c++) {
        columns[c] = Gather.slice(rows.column(c), from, count);
      }
      out.add(Batch.of(columns, count));
    }
    return out;
  }
}

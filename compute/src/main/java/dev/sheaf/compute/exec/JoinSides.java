package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of one join share: the build rows and, for RIGHT and FULL, which of them have
 * matched. Marks are plain writes of 1 by many threads, read by the last stream after all others
 * have counted themselves done.
 */
final class JoinSides {
  private final Batch buildRows;
  private final PhysicalType[] probeTypes;
  private final PhysicalType[] buildTypes;
  private final byte @Nullable [] marks;
  private final AtomicInteger streamsLeft;

  /**
   * @param keepsBuild whether build rows without a match are wanted
   */
  JoinSides(
      Batch buildRows,
      PhysicalType[] probeTypes,
      PhysicalType[] buildTypes,
      boolean keepsBuild,
      int streams) {
    this.buildRows = buildRows;
    this.probeTypes = probeTypes;
    this.buildTypes = buildTypes;
    this.marks = keepsBuild ? new byte[buildRows.rows()] : null;
    this.streamsLeft = new AtomicInteger(streams);
  }

  Batch buildRows() {
    return buildRows;
  }

  PhysicalType[] buildTypes() {
    return buildTypes;
  }

  void markBuildRow(int row) {
    if (marks != null) {
      marks[row] = 1;
    }
  }

  /** Called by each stream at its end; gives the last one the build rows that nobody matched. */
  BatchSource streamDone() {
    boolean last = streamsLeft.decrementAndGet() == 0;
    byte[] seen = marks;
    return new BatchSource() {
      private int position;

      @Override
      public @Nullable Batch next() {
        if (!last || seen == null) {
          return null;
        }
        int[] rows = new int[Batch.MAX_ROWS];
        int n = 0;
        while (n < rows.length && position < seen.length) {
          rows[n] = position;
          n += seen[position++] == 0 ? 1 : 0;
        }
        return n == 0 ? null : unmatched(rows, n);
      }

      @Override
      public void close() {}
    };
  }

  private Batch unmatched(int[] rows, int n) {
    Vec[] out =
        java.util.Arrays.copyOf(
            Columns.nulls(probeTypes, n), probeTypes.length + buildTypes.length);
    for (int c = 0; c < buildTypes.length; c++) {
      out[probeTypes.length + c] = Gather.take(buildRows.column(c), rows, n);
    }
    return Batch.of(out, n);
  }
}

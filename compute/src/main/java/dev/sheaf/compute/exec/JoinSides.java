package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of one join share: the build rows and, where build rows are put out by
 * themselves, which of them have matched. Marks are plain writes of 1 by many threads, read by the
 * last stream after all others have counted themselves done.
 */
final class JoinSides {
  /** Build rows that are put out when all streams have ended. */
  enum Kept {
    NONE,
    /** RIGHT and FULL: behind NULLs for the probe side's columns. */
    UNMATCHED_WITH_NULLS,
    /** An anti-join that builds its left side. */
    UNMATCHED,
    /** A semi-join that builds its left side. */
    MATCHED
  }

  private final Batch buildRows;
  private final PhysicalType[] probeTypes;
  private final PhysicalType[] buildTypes;
  private final Kept kept;
  private final byte @Nullable [] marks;
  private final AtomicInteger streamsLeft;

  JoinSides(
      Batch buildRows,
      PhysicalType[] probeTypes,
      PhysicalType[] buildTypes,
      Kept kept,
      int streams) {
    this.buildRows = buildRows;
    this.probeTypes = probeTypes;
    this.buildTypes = buildTypes;
    this.kept = kept;
    this.marks = kept == Kept.NONE ? null : new byte[buildRows.rows()];
    this.streamsLeft = new AtomicInteger(streams);
  }

  Batch buildRows() {
    return buildRows;
  }

  PhysicalType[] buildTypes() {
    return buildTypes;
  }

  /** Whether the output is build rows alone, the left input of the join. */
  boolean putsOutBuildRows() {
    return kept == Kept.MATCHED || kept == Kept.UNMATCHED;
  }

  void markBuildRow(int row) {
    if (marks != null) {
      marks[row] = 1;
    }
  }

  /** Called by each stream at its end; gives the last one the build rows to put out. */
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
        int wanted = kept == Kept.MATCHED ? 1 : 0;
        int[] rows = new int[Batch.MAX_ROWS];
        int n = 0;
        while (n < rows.length && position < seen.length) {
          rows[n] = position;
          n += seen[position++] == wanted ? 1 : 0;
        }
        return n == 0 ? null : output(rows, n);
      }

      @Override
      public void close() {}
    };
  }

  private Batch output(int[] rows, int n) {
    int before = putsOutBuildRows() ? 0 : probeTypes.length;
    Vec[] nulls = before == 0 ? new Vec[0] : Columns.nulls(probeTypes, n);
    Vec[] out = java.util.Arrays.copyOf(nulls, before + buildTypes.length);
    for (int c = 0; c < buildTypes.length; c++) {
      out[before + c] = Gather.take(buildRows.column(c), rows, n);
    }
    return Batch.of(out, n);
  }
}

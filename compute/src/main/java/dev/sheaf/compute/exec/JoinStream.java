package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Evaluator;
import dev.sheaf.columnar.kernel.Gather;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Joins one stream of probe batches with the build side. Pairs come from a cursor, pass the
 * residual condition, and become output; probe rows without a pair follow at the end of their
 * batch, build rows without one at the end of the last stream.
 */
final class JoinStream implements BatchSource {
  private final JoinKind kind;
  private final BatchSource source;
  private final PairCursor pairs;
  private final @Nullable HashPairs uniquePairs;
  private final @Nullable Evaluator residual;
  private final JoinSides sides;
  private final @Nullable ProbeMarks marks;
  private final Execution execution;
  private final int[] probeRows = new int[Batch.MAX_ROWS];
  private final int[] buildRows = new int[Batch.MAX_ROWS];
  private @Nullable Batch probe;
  private byte[] matched = new byte[0];
  private byte[] none = new byte[0];
  private @Nullable BatchSource unmatchedBuild;

  /**
   * @param uniquePairs the cursor again, if every probe row has at most one match and no residual
   * @param marks what other parts of the build side have to do with the probe rows; null = there
   *     are none
   */
  JoinStream(
      JoinKind kind,
      BatchSource source,
      PairCursor pairs,
      @Nullable HashPairs uniquePairs,
      @Nullable Evaluator residual,
      JoinSides sides,
      @Nullable ProbeMarks marks,
      Execution execution) {
    this.kind = kind;
    this.source = source;
    this.pairs = pairs;
    this.uniquePairs = uniquePairs;
    this.residual = residual;
    this.sides = sides;
    this.marks = marks;
    this.execution = execution;
  }

  @Override
  public @Nullable Batch next() {
    while (true) {
      execution.check();
      Batch current = probe;
      if (current == null) {
        if (unmatchedBuild != null) {
          return unmatchedBuild.next();
        }
        current = source.next();
        if (current == null) {
          unmatchedBuild = sides.streamDone();
          continue;
        }
        pairs.start(current);
        probe = current;
        matched = marks == null ? new byte[current.rows()] : marks.of(current);
        none = none.length < current.rows() ? new byte[current.rows()] : none;
      }
      Batch out = uniquePairs != null ? atOnce(current, uniquePairs) : step(current);
      if (out != null && !out.isEmpty()) {
        return out;
      }
    }
  }

  /** The next pairs, or the end of the probe batch. */
  private @Nullable Batch step(Batch current) {
    boolean existence = kind == JoinKind.SEMI || kind == JoinKind.ANTI;
    boolean oneIsEnough = existence && !sides.putsOutBuildRows();
    int n = pairs.next(probeRows, buildRows, oneIsEnough ? matched : none);
    if (n == 0) {
      probe = null;
      return endOfProbe(current);
    }
    Batch joined = existence && residual == null ? null : dense(current, probeRows, buildRows, n);
    Batch passed = joined == null || residual == null ? joined : residual.select(joined);
    note(passed, n);
    return existence ? null : passed;
  }

  /** Marks both rows of every pair that holds. */
  private void note(@Nullable Batch passed, int n) {
    if (kind == JoinKind.INNER) {
      return;
    }
    int count = passed == null ? n : passed.selected();
    for (int k = 0; k < count; k++) {
      int pair = passed == null ? k : passed.row(k);
      matched[probeRows[pair]] = 1;
      sides.markBuildRow(buildRows[pair]);
    }
  }

  private @Nullable Batch endOfProbe(Batch current) {
    boolean more = marks != null && marks.keep(matched);
    if (more || sides.putsOutBuildRows()) {
      return null;
    }
    return switch (kind) {
      case INNER, RIGHT -> null;
      case SEMI -> where(current, 1);
      case ANTI -> where(current, 0);
      case LEFT, FULL -> withNulls(where(current, 0));
    };
  }

  private Batch where(Batch current, int wanted) {
    int[] out = new int[current.selected()];
    int n = 0;
    for (int k = 0; k < out.length; k++) {
      int i = current.row(k);
      out[n] = i;
      n += matched[i] == wanted ? 1 : 0;
    }
    return n == current.selected() ? current : current.select(out, n);
  }

  private Batch withNulls(Batch left) {
    PhysicalType[] types = sides.buildTypes();
    Vec[] out = Arrays.copyOf(left.columns(), left.columns().length + types.length);
    System.arraycopy(
        Columns.nulls(types, left.rows()), 0, out, left.columns().length, types.length);
    return new Batch(out, left.rows(), left.selection(), left.selected());
  }

  /** Inner join with at most one match a row: the probe columns need not be copied. */
  private Batch atOnce(Batch current, HashPairs lookup) {
    probe = null;
    int selected = current.selected();
    int[] matches = new int[selected];
    lookup.firstMatches(matches);
    int[] rows = new int[selected];
    int[] build = new int[selected];
    int n = 0;
    for (int k = 0; k < selected; k++) {
      rows[n] = current.row(k);
      build[n] = matches[k];
      n += matches[k] >= 0 ? 1 : 0;
    }
    if (n < current.rows() / 2) {
      return dense(current, rows, build, n);
    }
    int[] buildAt = new int[current.rows()];
    for (int k = 0; k < n; k++) {
      buildAt[rows[k]] = build[k];
    }
    Vec[] right = sides.buildRows().columns();
    Vec[] left = current.columns();
    Vec[] out = Arrays.copyOf(left, left.length + right.length);
    for (int c = 0; c < right.length; c++) {
      out[left.length + c] = Gather.take(right[c], buildAt, current.rows());
    }
    return new Batch(out, current.rows(), n == current.rows() ? null : rows, n);
  }

  /** The pairs as rows: the columns of the join's left input, then those of its right. */
  private Batch dense(Batch current, int[] rows, int[] build, int n) {
    Vec[] probeColumns = current.columns();
    Vec[] buildColumns = sides.buildRows().columns();
    int probeAt = sides.putsOutBuildRows() ? buildColumns.length : 0;
    int buildAt = sides.putsOutBuildRows() ? 0 : probeColumns.length;
    Vec[] out = new Vec[probeColumns.length + buildColumns.length];
    for (int c = 0; c < probeColumns.length; c++) {
      out[probeAt + c] = Gather.take(probeColumns[c], rows, n);
    }
    for (int c = 0; c < buildColumns.length; c++) {
      out[buildAt + c] = Gather.take(buildColumns[c], build, n);
    }
    return Batch.of(out, n);
  }

  @Override
  public void close() {
    source.close();
  }
}

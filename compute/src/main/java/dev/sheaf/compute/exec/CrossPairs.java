package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;

/** Every probe row with every build row. */
final class CrossPairs implements PairCursor {
  private static final Batch NONE = Batch.of(new Vec[0], 0);

  private final int buildRowCount;
  private Batch probe = NONE;
  private int position;
  private int nextBuildRow;

  CrossPairs(int buildRowCount) {
    this.buildRowCount = buildRowCount;
  }

  @Override
  public void start(Batch batch) {
    probe = batch;
    position = 0;
    nextBuildRow = 0;
  }

  @Override
  public int next(int[] probeRows, int[] buildRows, byte[] settled) {
    int pairs = 0;
    while (position < probe.selected() && pairs < probeRows.length) {
      int physical = probe.row(position);
      if (settled[physical] != 0 || nextBuildRow == buildRowCount) {
        position++;
        nextBuildRow = 0;
        continue;
      }
      int count = Math.min(buildRowCount - nextBuildRow, probeRows.length - pairs);
      for (int i = 0; i < count; i++) {
        probeRows[pairs] = physical;
        buildRows[pairs++] = nextBuildRow++;
      }
    }
    return pairs;
  }
}

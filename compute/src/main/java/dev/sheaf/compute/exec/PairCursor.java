package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;

/** Enumerates pairs of a probe row and a build row that may match. One thread. */
interface PairCursor {
  /** Begins with another probe batch. */
  void start(Batch probe);

  /**
   * Writes the next pairs, ordered by probe row.
   *
   * @param settled by physical probe row: 1 = no more pairs wanted
   * @return how many; 0 = the probe batch is done
   */
  int next(int[] probeRows, int[] buildRows, byte[] settled);
}

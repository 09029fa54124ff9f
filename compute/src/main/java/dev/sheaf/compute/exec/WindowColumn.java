package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;

/** A window function's values over a section. One thread. */
interface WindowColumn {
  /** The values of rows {@code from} to {@code from + count}; at most a batch of them. */
  Vec values(int from, int count);
}

package dev.sheaf.compute.exec;

/** An aggregate whose state can forget exactly what was merged into it. */
interface ReversibleAccumulator extends Accumulator {
  /** Undoes {@link #merge} of the other's group {@code from[k]} into group {@code to[k]}. */
  void unmerge(Accumulator other, int[] from, int[] to, int n);
}

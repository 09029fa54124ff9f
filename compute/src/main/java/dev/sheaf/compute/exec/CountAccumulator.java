package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import org.jspecify.annotations.Nullable;

/** COUNT(*) and COUNT(x). */
final class CountAccumulator implements ReversibleAccumulator {
  private final Reservation memory;
  private long[] counts = new long[0];

  CountAccumulator(Reservation memory) {
    this.memory = memory;
  }

  @Override
  public void ensure(int groups) {
    counts = memory.grow(counts, groups);
  }

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {
    if (groups == null) {
      counts[0] += n;
      return;
    }
    long[] out = counts;
    for (int k = 0; k < n; k++) {
      out[groups[k]]++;
    }
  }

  @Override
  public boolean prefersRuns() {
    return true;
  }

  @Override
  public void addRuns(Vec[] columns, GroupRuns runs) {
    for (int g = 0; g < runs.size(); g++) {
      counts[g] += runs.begin(g + 1) - runs.begin(g);
    }
  }

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {
    long[] in = ((CountAccumulator) other).counts;
    for (int k = 0; k < n; k++) {
      counts[to[k]] += in[from[k]];
    }
  }

  @Override
  public void unmerge(Accumulator other, int[] from, int[] to, int n) {
    long[] in = ((CountAccumulator) other).counts;
    for (int k = 0; k < n; k++) {
      counts[to[k]] -= in[from[k]];
    }
  }

  @Override
  public Vec result(int[] groups, int n) {
    long[] out = new long[n];
    for (int k = 0; k < n; k++) {
      out[k] = counts[groups[k]];
    }
    return new LongVec(out, null, n);
  }
}

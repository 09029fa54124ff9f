package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** GROUPING: the same for all groups of a grouping set. */
final class MissingKeys implements Accumulator {
  private final int bits;

  private MissingKeys(int bits) {
    this.bits = bits;
  }

  /**
   * @param members the set's keys, ascending
   */
  static MissingKeys of(AggregateCall call, int[] members) {
    int bits = 0;
    for (Object key : (List<?>) Objects.requireNonNull(call.extra())) {
      bits = bits << 1 | (Arrays.binarySearch(members, (Integer) key) < 0 ? 1 : 0);
    }
    return new MissingKeys(bits);
  }

  @Override
  public void ensure(int groups) {}

  @Override
  public void add(@Nullable Vec vec, int @Nullable [] rows, int @Nullable [] groups, int n) {}

  @Override
  public void merge(Accumulator other, int[] from, int[] to, int n) {}

  @Override
  public Vec result(int[] groups, int n) {
    int[] out = new int[n];
    Arrays.fill(out, bits);
    return new IntVec(out, null, n);
  }
}

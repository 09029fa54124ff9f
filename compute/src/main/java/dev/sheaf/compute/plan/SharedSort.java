package dev.sheaf.compute.plan;

import dev.sheaf.compute.plan.PlanNode.SortKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sorts serve windows: sequences of sort keys with some choice left. PARTITION BY says which
 * columns come first but neither in which order nor direction, ORDER BY says all.
 *
 * <pre>
 * PARTITION BY a, b ORDER BY c      {a, b} c
 * PARTITION BY b                    {b}
 * both                              {b} {a} c
 * </pre>
 *
 * Immutable.
 *
 * @param steps each of other columns than those before it
 */
record SharedSort(List<Step> steps) {

  /**
   * @param key the one column with its direction; null = the columns in any order and direction
   */
  record Step(BitSet columns, @Nullable SortKey key) {}

  /**
   * @param order may name columns of the partition, which change nothing in it
   */
  static SharedSort of(BitSet partition, List<SortKey> order) {
    var steps = new ArrayList<Step>();
    if (!partition.isEmpty()) {
      steps.add(new Step(partition, null));
    }
    for (SortKey key : order) {
      if (!partition.get(key.column())) {
        steps.add(new Step(bit(key.column()), key));
      }
    }
    return new SharedSort(steps);
  }

  private static BitSet bit(int column) {
    var one = new BitSet();
    one.set(column);
    return one;
  }

  int keys() {
    return steps.stream().mapToInt(s -> s.columns.cardinality()).sum();
  }

  /** What serves both, null if nothing does. */
  @Nullable SharedSort with(SharedSort other) {
    var both = new ArrayList<Step>();
    var left = new ArrayList<>(steps.reversed());
    var right = new ArrayList<>(other.steps.reversed());
    while (!left.isEmpty() && !right.isEmpty()) {
      Step a = left.removeLast();
      Step b = right.removeLast();
      if (a.columns.equals(b.columns)) {
        if (a.key != null && b.key != null && !a.key.equals(b.key)) {
          return null;
        }
        both.add(a.key == null ? b : a);
      } else if (isPart(a, b)) {
        both.add(a);
        right.add(rest(b, a));
      } else if (isPart(b, a)) {
        both.add(b);
        left.add(rest(a, b));
      } else {
        return null;
      }
    }
    both.addAll(left.reversed());
    both.addAll(right.reversed());
    return new SharedSort(both);
  }

  private static boolean isPart(Step part, Step whole) {
    var outside = (BitSet) part.columns.clone();
    outside.andNot(whole.columns);
    return outside.isEmpty();
  }

  private static Step rest(Step whole, Step part) {
    var rest = (BitSet) whole.columns.clone();
    rest.andNot(part.columns);
    return new Step(rest, null);
  }

  List<SortKey> sortKeys() {
    var keys = new ArrayList<SortKey>();
    for (Step step : steps) {
      SortKey key = step.key;
      for (int column : step.columns.stream().toArray()) {
        keys.add(key == null ? new SortKey(column, false, false) : key);
      }
    }
    return keys;
  }
}

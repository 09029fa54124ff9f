package dev.sheaf.compute.exec;

import dev.sheaf.compute.plan.PlanNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which grouping sets of an aggregation are made of its rows and which of another set's groups: a
 * set is made of the smallest one that holds all its keys, so that rows are looked up only for sets
 * that no other one holds. Immutable.
 *
 * @param sets each set once, those with more keys first
 */
record SetTree(List<Node> sets) {
  static final int OF_ROWS = -1;

  /**
   * @param members ascending positions of the keys in the plan node's group columns
   * @param source the set that it is made of, before it in the list; {@link #OF_ROWS} = none
   * @param copies how often its rows are put out
   */
  record Node(int[] members, int source, int copies) {}

  static SetTree of(PlanNode.Aggregate node) {
    if (node.sets().isEmpty()) {
      int[] all = IntStream.range(0, node.groupBy().size()).toArray();
      return new SetTree(List.of(new Node(all, OF_ROWS, 1)));
    }
    Map<List<Integer>, Integer> copies = new LinkedHashMap<>();
    node.sets().forEach(set -> copies.merge(set, 1, Integer::sum));
    List<List<Integer>> ordered = new ArrayList<>(copies.keySet());
    ordered.sort(Comparator.comparingInt(set -> -set.size()));
    var nodes = new ArrayList<Node>();
    for (List<Integer> set : ordered) {
      int[] members = set.stream().mapToInt(Integer::intValue).toArray();
      int source = nodes.size() - 1;
      while (source >= 0 && !holds(nodes.get(source).members, members)) {
        source--;
      }
      nodes.add(new Node(members, source, copies.getOrDefault(set, 1)));
    }
    return new SetTree(List.copyOf(nodes));
  }

  private static boolean holds(int[] outer, int[] inner) {
    return Arrays.stream(inner).allMatch(m -> Arrays.binarySearch(outer, m) >= 0);
  }

  /** The sets that are made of rows. */
  List<Integer> roots() {
    return IntStream.range(0, sets.size())
        .filter(s -> sets.get(s).source == OF_ROWS)
        .boxed()
        .toList();
  }

  /** Whether all sets have this key. */
  boolean isInAll(int member) {
    return sets.stream().allMatch(s -> Arrays.binarySearch(s.members, member) >= 0);
  }
}

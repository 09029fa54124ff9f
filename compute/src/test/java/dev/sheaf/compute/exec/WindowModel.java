package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.expression.FrameShape.Unit;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What frames are by definition: for each row all rows of its partition are looked at. */
final class WindowModel {
  private final List<List<@Nullable Object>> sorted;
  private final List<SortKey> sort;
  private final WindowCalls window;

  WindowModel(List<List<@Nullable Object>> rows, List<SortKey> sort, WindowCalls window) {
    this.sorted = new ArrayList<>(rows);
    this.sorted.sort((a, b) -> compare(a, b, sort));
    this.sort = sort;
    this.window = window;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compare(
      List<@Nullable Object> a, List<@Nullable Object> b, List<SortKey> keys) {
    for (SortKey k : keys) {
      Object x = a.get(k.column());
      Object y = b.get(k.column());
      int c;
      if (x == null || y == null) {
        c = x == y ? 0 : (x == null) == k.nullsFirst() ? -1 : 1;
      } else {
        c = k.descending() ? ((Comparable) y).compareTo(x) : ((Comparable) x).compareTo(y);
      }
      if (c != 0) {
        return c;
      }
    }
    return 0;
  }

  /** The rows, each followed by what the calls give. */
  List<List<@Nullable Object>> rows() {
    List<SortKey> partitionKeys = sort.subList(0, window.partitionKeys());
    List<List<@Nullable Object>> out = new ArrayList<>();
    var rest = new ArrayList<>(sorted);
    while (!rest.isEmpty()) {
      List<@Nullable Object> first = rest.getFirst();
      List<List<@Nullable Object>> partition =
          rest.stream().filter(r -> compare(r, first, partitionKeys) == 0).toList();
      rest.removeAll(partition);
      int[] groups = groups(partition);
      for (int i = 0; i < partition.size(); i++) {
        var result = new ArrayList<>(partition.get(i));
        for (WindowCall call : window.calls()) {
          result.add(value(call, partition, groups, i));
        }
        out.add(result);
      }
    }
    return out;
  }

  private @Nullable Object value(
      WindowCall call, List<List<@Nullable Object>> partition, int[] groups, int current) {
    List<List<@Nullable Object>> frame =
        IntStream.range(0, partition.size())
            .filter(j -> isIn(call.frame(), partition, groups, current, j))
            .mapToObj(partition::get)
            .collect(Collectors.toList());
    return switch (call) {
      case PlanNode.AggregateOver a -> aggregate(a, frame);
      case PlanNode.FunctionOver f -> {
        Object place =
            f.arguments().size() < 2 ? null : partition.get(current).get(f.arguments().get(1));
        int at =
            switch (f.fn()) {
              case FIRST_VALUE -> 0;
              case LAST_VALUE -> frame.size() - 1;
              default -> place == null ? -1 : (Integer) place - 1;
            };
        yield at < 0 || at >= frame.size() ? null : frame.get(at).get(f.arguments().getFirst());
      }
    };
  }

  private static @Nullable Object aggregate(
      PlanNode.AggregateOver over, List<List<@Nullable Object>> frame) {
    int column = over.call().argument();
    List<Object> values = new ArrayList<>();
    for (List<@Nullable Object> row : frame) {
      Object value = column < 0 ? (Object) 0 : row.get(column);
      if (value != null) {
        values.add(value);
      }
    }
    return switch (over.call().fn()) {
      case COUNT, COUNT_STAR -> (long) values.size();
      case SUM ->
          values.stream()
              .map(v -> BigInteger.valueOf((Long) v))
              .reduce(BigInteger::add)
              .orElse(null);
      case MIN -> values.stream().map(v -> (Long) v).min(Long::compare).orElse(null);
      case MAX -> values.stream().map(String::valueOf).max(String::compareTo).orElse(null);
      case STRING_AGG ->
          values.isEmpty()
              ? null
              : values.stream().map(String::valueOf).collect(Collectors.joining("+"));
      case STDDEV_POP -> deviation(values);
      case ANY_VALUE -> values.isEmpty() ? null : values.getFirst();
      default -> throw new IllegalArgumentException(over.toString());
    };
  }

  private static @Nullable Object deviation(List<Object> values) {
    double mean = values.stream().mapToInt(v -> (Integer) v).average().orElse(0);
    double squares = values.stream().mapToDouble(v -> Math.pow((Integer) v - mean, 2)).sum();
    return values.isEmpty() ? null : Math.sqrt(squares / values.size());
  }

  private static boolean isIn(
      WindowFrame frame,
      List<List<@Nullable Object>> partition,
      int[] groups,
      int current,
      int row) {
    boolean inside =
        isWithin(frame, true, partition, groups, current, row)
            && isWithin(frame, false, partition, groups, current, row);
    boolean peers = groups[current] == groups[row];
    return inside
        && switch (frame.shape().exclusion()) {
          case NO_OTHERS -> true;
          case CURRENT_ROW -> row != current;
          case GROUP -> !peers;
          case TIES -> row == current || !peers;
        };
  }

  /** Whether the row is on the right side of one edge. */
  private static boolean isWithin(
      WindowFrame frame,
      boolean start,
      List<List<@Nullable Object>> partition,
      int[] groups,
      int current,
      int row) {
    Edge edge = start ? frame.shape().start() : frame.shape().end();
    PlanNode.SortKey key = frame.rangeKey();
    Object offset = value(start ? frame.start() : frame.end());
    if (edge.hasOffset() && key != null) {
      return isInRange(
          frame,
          start,
          key,
          partition.get(current),
          partition.get(row),
          Objects.requireNonNull(offset));
    }
    boolean rows = frame.shape().unit() == Unit.ROWS;
    BigInteger here = BigInteger.valueOf(rows ? current : groups[current]);
    BigInteger there = BigInteger.valueOf(rows ? row : groups[row]);
    BigInteger by = offset == null ? BigInteger.ZERO : BigInteger.valueOf((Long) offset);
    BigInteger bound =
        switch (edge) {
          case UNBOUNDED_PRECEDING, UNBOUNDED_FOLLOWING -> there;
          case PRECEDING -> here.subtract(by);
          case CURRENT_ROW -> here;
          case FOLLOWING -> here.add(by);
        };
    return start ? there.compareTo(bound) >= 0 : there.compareTo(bound) <= 0;
  }

  private static @Nullable Object value(dev.sheaf.columnar.expression.@Nullable Expr offset) {
    return offset instanceof dev.sheaf.columnar.expression.Expr.Literal literal
        ? literal.value()
        : null;
  }

  private static boolean isInRange(
      WindowFrame frame,
      boolean start,
      SortKey key,
      List<@Nullable Object> current,
      List<@Nullable Object> row,
      Object offset) {
    Object here = current.get(key.column());
    Object there = row.get(key.column());
    if (here == null || there == null) {
      int order = here == there ? 0 : (there == null) == key.nullsFirst() ? -1 : 1;
      return start ? order >= 0 : order <= 0;
    }
    boolean decimal = there instanceof Long;
    var by = decimal ? BigDecimal.valueOf((Long) offset, 3) : BigDecimal.valueOf((Long) offset);
    Edge edge = start ? frame.shape().start() : frame.shape().end();
    boolean down = (edge == Edge.PRECEDING) != key.descending();
    BigDecimal bound = number(here).add(down ? by.negate() : by);
    int order = key.descending() ? bound.compareTo(number(there)) : number(there).compareTo(bound);
    return start ? order >= 0 : order <= 0;
  }

  private static BigDecimal number(Object key) {
    return key instanceof Long unscaled
        ? BigDecimal.valueOf(unscaled, 2)
        : BigDecimal.valueOf((Integer) key);
  }

  /** Of each row the number of its group of peers. */
  private int[] groups(List<List<@Nullable Object>> partition) {
    List<SortKey> order =
        sort.subList(window.partitionKeys(), window.partitionKeys() + window.orderKeys());
    int[] groups = new int[partition.size()];
    for (int j = 1; j < groups.length; j++) {
      boolean peers = compare(partition.get(j - 1), partition.get(j), order) == 0;
      groups[j] = groups[j - 1] + (peers ? 0 : 1);
    }
    return groups;
  }

  /**
   * Of rows in the order in which they are: number, sum so far, and sum and greatest value of a
   * number of rows around each; of the column 2.
   */
  static List<List<@Nullable Object>> ofNeighbours(
      List<List<@Nullable Object>> rows, boolean byGroup, int before, int after) {
    Map<@Nullable Object, List<Integer>> partitions = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      partitions
          .computeIfAbsent(byGroup ? rows.get(i).get(0) : "all", g -> new ArrayList<>())
          .add(i);
    }
    List<List<@Nullable Object>> out = new ArrayList<>(rows);
    for (List<Integer> partition : partitions.values()) {
      Long[] values = partition.stream().map(i -> (Long) rows.get(i).get(2)).toArray(Long[]::new);
      for (int p = 0; p < values.length; p++) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(p + 1L);
        row.add(p == 0 ? sum(values, 0, 1) : plus(out.get(partition.get(p - 1)).get(1), values[p]));
        int from = Math.max(0, p - before);
        int to = Math.min(values.length, p + after + 1);
        row.add(sum(values, from, to));
        Long greatest = null;
        for (int q = from; q < to; q++) {
          greatest =
              values[q] == null || (greatest != null && greatest >= values[q])
                  ? greatest
                  : values[q];
        }
        row.add(greatest);
        out.set(partition.get(p), row);
      }
    }
    return out;
  }

  private static @Nullable Object plus(@Nullable Object sum, @Nullable Long value) {
    if (value == null) {
      return sum;
    }
    return sum == null
        ? BigInteger.valueOf(value)
        : ((BigInteger) sum).add(BigInteger.valueOf(value));
  }

  private static @Nullable Object sum(Long[] values, int from, int to) {
    @Nullable Object sum = null;
    for (int q = from; q < to; q++) {
      sum = plus(sum, values[q]);
    }
    return sum;
  }
}

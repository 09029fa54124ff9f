package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.call;
import static dev.sheaf.compute.exec.ExecutorFixture.column;
import static dev.sheaf.compute.exec.ExecutorFixture.concat;
import static dev.sheaf.compute.exec.ExecutorFixture.fields;
import static dev.sheaf.compute.exec.ExecutorFixture.literal;
import static dev.sheaf.compute.exec.ExecutorFixture.plain;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
import static dev.sheaf.compute.exec.ExecutorFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.compute.plan.PlanNode.SetKind;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operator against a row-at-a-time one on random data, with one worker and with three. */
class OperatorsTest {
  private static final SqlType[] TYPES = {
    SqlType.INTEGER,
    SqlType.BIGINT,
    SqlType.TEXT,
    SqlType.DOUBLE,
    SqlType.decimal(12, 2),
    SqlType.decimal(30, 4)
  };

  private final long seed = Long.getLong("seed", 42);
  private final Random random = new Random(seed);
  private final ExecutorFixture fixture = new ExecutorFixture(130, 37, 1 << 28);

  @AfterEach
  void everythingIsReleased() {
    fixture.close();
    assertThat(fixture.memory.usedBytes()).as("memory still held, seed %d", seed).isZero();
    assertThat(fixture.storage.open.get()).as("scans still open, seed %d", seed).isZero();
  }

  private List<@Nullable Object[]> randomRows(int count, int distinct) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int v = random.nextInt(distinct);
      @Nullable Object[] row = {
        random.nextInt(distinct) - distinct / 2,
        (long) random.nextInt(distinct) * 1_000_000_007L,
        utf8("text" + random.nextInt(distinct)),
        v % 5 == 0 ? -0.0 : v % 7 == 0 ? Double.NaN : v / 4.0,
        (long) random.nextInt(1_000_000) - 500_000,
        BigInteger.valueOf(random.nextLong()).multiply(BigInteger.valueOf(random.nextInt(1000)))
      };
      for (int c = 0; c < row.length; c++) {
        if (random.nextInt(9) == 0) {
          row[c] = null;
        }
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<List<@Nullable Object>> plainRows(List<@Nullable Object[]> rows) {
    return rows.stream().map(ExecutorFixture::plain).toList();
  }

  /** Equality keys: -0 and 0 are one, NaN equals itself. */
  private static @Nullable Object key(@Nullable Object value) {
    return value instanceof Double d ? (Object) (d + 0.0) : value;
  }

  private void same(List<List<@Nullable Object>> actual, List<List<@Nullable Object>> expected) {
    assertThat(counted(actual)).as("seed %d", seed).isEqualTo(counted(expected));
  }

  private static Map<List<@Nullable Object>, Long> counted(List<List<@Nullable Object>> rows) {
    return rows.stream()
        .map(r ->
            r.stream().map(OperatorsTest::key).collect(Collectors.toCollection(ArrayList::new)))
        .collect(Collectors.groupingBy(r -> (List<@Nullable Object>) r, Collectors.counting()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void joinsOfAllKinds(int parallelism) {
    List<@Nullable Object[]> left = randomRows(400, 40);
    List<@Nullable Object[]> right = randomRows(110, 40);
    right.addAll(randomRows(20, 6));
    TableDescriptor l = fixture.table(List.of(), left, TYPES);
    TableDescriptor r = fixture.table(List.of(), right, TYPES);
    Expr residual = call(Fn.LT, SqlType.BOOLEAN, column(4, TYPES[4]), column(10, TYPES[4]));
    for (List<Integer> keys :
        List.of(
            List.of(0),
            List.of(1),
            List.of(2),
            List.of(3),
            List.of(0, 2),
            List.of(5),
            List.of(0, 1, 3))) {
      for (JoinKind kind : JoinKind.values()) {
        for (boolean withResidual : new boolean[] {false, true}) {
          for (boolean nullsEqual : new boolean[] {false, true}) {
            List<Field> output = output(kind, l, r);
            var plan =
                new PlanNode.HashJoin(
                    kind,
                    scan(l),
                    scan(r),
                    keys,
                    keys,
                    Collections.nCopies(keys.size(), nullsEqual),
                    withResidual ? residual : null,
                    output);
            BiPredicate<@Nullable Object[], @Nullable Object[]> on =
                (a, b) -> keysMatch(a, b, keys, nullsEqual) && (!withResidual || less(a[4], b[4]));
            same(fixture.rows(plan, parallelism), naiveJoin(kind, left, right, on));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void joinsOnUniqueKeysAndNestedLoops(int parallelism) {
    List<@Nullable Object[]> left = randomRows(2000, 500);
    List<@Nullable Object[]> right = new ArrayList<>();
    for (int i = -100; i < 200; i++) {
      right.add(new @Nullable Object[] {i, (long) i, utf8("text" + i)});
    }
    TableDescriptor l = fixture.table(List.of(), left, TYPES);
    TableDescriptor r =
        fixture.table(List.of(), right, SqlType.INTEGER, SqlType.BIGINT, SqlType.TEXT);
    List<@Nullable Object[]> few = left.subList(0, 150);
    TableDescriptor f = fixture.table(List.of(), few, TYPES);
    for (JoinKind kind : JoinKind.values()) {
      for (int key : new int[] {0, 2}) {
        var hash =
            new PlanNode.HashJoin(
                kind,
                scan(l),
                scan(r),
                List.of(key),
                List.of(key),
                List.of(false),
                null,
                output(kind, l, r));
        same(
            fixture.rows(hash, parallelism),
            naiveJoin(kind, left, right, (a, b) -> keysMatch(a, b, List.of(key), false)));
      }
      Expr condition =
          call(Fn.LT, SqlType.BOOLEAN, column(0, SqlType.INTEGER), column(6, SqlType.INTEGER));
      var loop = new PlanNode.NestedLoopJoin(kind, scan(f), scan(r), condition, output(kind, f, r));
      same(
          fixture.rows(loop, parallelism),
          naiveJoin(kind, few, right, (a, b) -> a[0] != null && (Integer) a[0] < (Integer) b[0]));
    }
    var empty = fixture.table(List.of(), List.of(), TYPES);
    for (JoinKind kind : JoinKind.values()) {
      var noBuild =
          new PlanNode.HashJoin(
              kind,
              scan(f),
              scan(empty),
              List.of(0),
              List.of(0),
              List.of(false),
              null,
              output(kind, f, empty));
      same(fixture.rows(noBuild, parallelism), naiveJoin(kind, few, List.of(), (a, b) -> true));
      var noProbe =
          new PlanNode.NestedLoopJoin(kind, scan(empty), scan(f), null, output(kind, empty, f));
      same(fixture.rows(noProbe, parallelism), naiveJoin(kind, List.of(), few, (a, b) -> true));
    }
  }

  private static List<Field> output(JoinKind kind, TableDescriptor l, TableDescriptor r) {
    return kind == JoinKind.SEMI || kind == JoinKind.ANTI
        ? fields(l)
        : concat(fields(l), fields(r));
  }

  private static boolean keysMatch(
      @Nullable Object[] a, @Nullable Object[] b, List<Integer> keys, boolean nullsEqual) {
    for (int k : keys) {
      if (a[k] == null || b[k] == null) {
        if (!nullsEqual || a[k] != b[k]) {
          return false;
        }
      } else if (!key(plain(a[k])).equals(key(plain(b[k])))) {
        return false;
      }
    }
    return true;
  }

  private static boolean less(@Nullable Object a, @Nullable Object b) {
    return a != null && b != null && (Long) a < (Long) b;
  }

  private static List<List<@Nullable Object>> naiveJoin(
      JoinKind kind,
      List<@Nullable Object[]> left,
      List<@Nullable Object[]> right,
      BiPredicate<@Nullable Object[], @Nullable Object[]> on) {
    int leftWidth = left.isEmpty() ? TYPES.length : left.get(0).length;
    int rightWidth = right.isEmpty() ? TYPES.length : right.get(0).length;
    List<List<@Nullable Object>> out = new ArrayList<>();
    Set<@Nullable Object[]> matchedRight =
        Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    for (@Nullable Object[] a : left) {
      boolean matched = false;
      for (@Nullable Object[] b : right) {
        if (on.test(a, b)) {
          matched = true;
          matchedRight.add(b);
          if (kind != JoinKind.SEMI && kind != JoinKind.ANTI) {
            out.add(joined(plain(a), plain(b)));
          }
        }
      }
      if (kind == JoinKind.SEMI ? matched : kind == JoinKind.ANTI && !matched) {
        out.add(plain(a));
      }
      if (!matched && (kind == JoinKind.LEFT || kind == JoinKind.FULL)) {
        out.add(joined(plain(a), Collections.nCopies(rightWidth, null)));
      }
    }
    if (kind == JoinKind.RIGHT || kind == JoinKind.FULL) {
      for (@Nullable Object[] b : right) {
        if (!matchedRight.contains(b)) {
          out.add(joined(Collections.nCopies(leftWidth, null), plain(b)));
        }
      }
    }
    return out;
  }

  private static List<@Nullable Object> joined(List<@Nullable Object> a, List<@Nullable Object> b) {
    List<@Nullable Object> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aggregates(int parallelism) {
    List<@Nullable Object[]> rows = randomRows(5000, 40);
    TableDescriptor t = fixture.table(List.of(), rows, TYPES);
    SqlType wide = SqlType.decimal(38, 2);
    Expr isPositive = call(Fn.GT, SqlType.BOOLEAN, column(0, TYPES[0]), literal(0, TYPES[0]));
    List<Expr> projected = new ArrayList<>();
    for (int c = 0; c < TYPES.length; c++) {
      projected.add(column(c, TYPES[c]));
    }
    projected.add(isPositive);
    var input =
        new PlanNode.Project(
            scan(t), projected, concat(fields(t), List.of(new Field("p", SqlType.BOOLEAN, true))));
    List<AggregateCall> calls =
        List.of(
            new AggregateCall(AggregateFn.COUNT_STAR, -1, false, -1, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.COUNT, 2, false, -1, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.COUNT, 2, true, 6, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.SUM, 0, false, -1, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.SUM, 4, false, 6, null, wide),
            new AggregateCall(AggregateFn.SUM, 0, true, -1, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.AVG, 4, false, -1, null, SqlType.decimal(20, 6)),
            new AggregateCall(AggregateFn.MIN, 2, false, -1, null, SqlType.TEXT),
            new AggregateCall(AggregateFn.MAX, 5, false, -1, null, TYPES[5]),
            new AggregateCall(AggregateFn.MAX, 3, false, -1, null, SqlType.DOUBLE),
            new AggregateCall(AggregateFn.BOOL_AND, 6, false, -1, null, SqlType.BOOLEAN));
    List<List<Integer>> groupings =
        List.of(List.of(), List.of(0), List.of(2), List.of(1, 3), List.of(2, 0, 5), List.of(3));
    for (List<Integer> groupBy : groupings) {
      List<Field> output = new ArrayList<>();
      groupBy.forEach(g -> output.add(new Field("g", TYPES[g], true)));
      calls.forEach(c -> output.add(new Field("a", c.type(), true)));
      var plan = new PlanNode.Aggregate(input, groupBy, calls, output);
      same(fixture.rows(plan, parallelism), naiveAggregate(rows, groupBy));
    }
  }

  private static List<List<@Nullable Object>> naiveAggregate(
      List<@Nullable Object[]> rows, List<Integer> groupBy) {
    Map<List<@Nullable Object>, List<@Nullable Object[]>> groups = new LinkedHashMap<>();
    if (groupBy.isEmpty()) {
      groups.put(List.of(), new ArrayList<>());
    }
    for (@Nullable Object[] row : rows) {
      List<@Nullable Object> k = new ArrayList<>();
      groupBy.forEach(g -> k.add(key(plain(row[g]))));
      groups.computeIfAbsent(k, x -> new ArrayList<>()).add(row);
    }
    List<List<@Nullable Object>> out = new ArrayList<>();
    groups.forEach((k, group) -> out.add(joined(k, naiveAggregates(group))));
    return out;
  }

  private static List<@Nullable Object> naiveAggregates(List<@Nullable Object[]> rows) {
    List<@Nullable Object> out = new ArrayList<>();
    out.add((long) rows.size());
    out.add(rows.stream().filter(r -> r[2] != null).count());
    out.add(
        rows.stream()
            .filter(r -> positive(r) && r[2] != null)
            .map(r -> plain(r[2]))
            .distinct()
            .count());
    List<Integer> ints = rows.stream().filter(r -> r[0] != null).map(r -> (Integer) r[0]).toList();
    out.add(ints.isEmpty() ? null : (Object) ints.stream().mapToLong(i -> i).sum());
    List<Long> sums =
        rows.stream().filter(r -> positive(r) && r[4] != null).map(r -> (Long) r[4]).toList();
    out.add(sums.isEmpty() ? null : BigInteger.valueOf(sums.stream().mapToLong(l -> l).sum()));
    out.add(ints.isEmpty() ? null : (Object) ints.stream().distinct().mapToLong(i -> i).sum());
    List<Long> all = rows.stream().filter(r -> r[4] != null).map(r -> (Long) r[4]).toList();
    out.add(
        all.isEmpty()
            ? null
            : BigDecimal.valueOf(all.stream().mapToLong(l -> l).sum(), 2)
                .divide(BigDecimal.valueOf(all.size()), 6, RoundingMode.HALF_UP)
                .unscaledValue());
    out.add(
        rows.stream()
            .filter(r -> r[2] != null)
            .map(r -> (String) plain(r[2]))
            .min(Comparator.naturalOrder())
            .orElse(null));
    out.add(
        rows.stream()
            .filter(r -> r[5] != null)
            .map(r -> (BigInteger) r[5])
            .max(Comparator.naturalOrder())
            .orElse(null));
    out.add(
        rows.stream()
            .filter(r -> r[3] != null)
            .map(r -> (Double) r[3] + 0.0)
            .max(Comparator.naturalOrder())
            .orElse(null));
    out.add(
        rows.stream().anyMatch(r -> r[0] != null)
            ? (Object) rows.stream().noneMatch(r -> r[0] != null && (Integer) r[0] <= 0)
            : null);
    return out;
  }

  private static boolean positive(@Nullable Object[] row) {
    return row[0] != null && (Integer) row[0] > 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void manyGroupsAreMergedByPartitions(int parallelism) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 60_000; i++) {
      int v = random.nextInt(40_000);
      rows.add(new @Nullable Object[] {v, utf8("g" + v), 1L});
    }
    var big = new ExecutorFixture(9000, 4096, 1 << 28);
    try (big) {
      TableDescriptor t = big.table(List.of(), rows, SqlType.INTEGER, SqlType.TEXT, SqlType.BIGINT);
      var plan =
          new PlanNode.Aggregate(
              scan(t),
              List.of(1, 0),
              List.of(
                  new AggregateCall(AggregateFn.SUM, 2, false, -1, null, SqlType.BIGINT),
                  new AggregateCall(AggregateFn.COUNT, 0, true, -1, null, SqlType.BIGINT)),
              List.of(
                  new Field("a", SqlType.TEXT, true), new Field("b", SqlType.INTEGER, true),
                  new Field("c", SqlType.BIGINT, true), new Field("d", SqlType.BIGINT, true)));
      Map<Integer, Long> expected = new HashMap<>();
      rows.forEach(r -> expected.merge((Integer) r[0], 1L, Long::sum));
      List<List<@Nullable Object>> expectedRows = new ArrayList<>();
      expected.forEach((k, v) -> expectedRows.add(List.of("g" + k, k, v, 1L)));
      same(big.rows(plan, parallelism), expectedRows);
      assertThat(big.memory.usedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void fewGroupsOfCodedText(int parallelism) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      rows.add(
          new @Nullable Object[] {
            utf8("f" + random.nextInt(3)), utf8("s" + random.nextInt(2)), (long) random.nextInt(100)
          });
    }
    TableDescriptor t =
        fixture.table(List.of(), rows, SqlType.TEXT, SqlType.TEXT, SqlType.decimal(15, 2));
    List<AggregateCall> calls =
        List.of(
            new AggregateCall(AggregateFn.SUM, 2, false, -1, null, SqlType.decimal(38, 2)),
            new AggregateCall(AggregateFn.AVG, 2, false, -1, null, SqlType.decimal(38, 4)),
            new AggregateCall(AggregateFn.COUNT_STAR, -1, false, -1, null, SqlType.BIGINT));
    List<Field> output = new ArrayList<>(fields(t).subList(0, 2));
    calls.forEach(c -> output.add(new Field("a", c.type(), true)));
    Map<List<@Nullable Object>, List<Long>> groups = new HashMap<>();
    rows.forEach(r ->
        groups
            .computeIfAbsent(List.of(plain(r[0]), plain(r[1])), k -> new ArrayList<>())
            .add((Long) r[2]));
    List<List<@Nullable Object>> expected = new ArrayList<>();
    groups.forEach((k, values) -> {
      long sum = values.stream().mapToLong(v -> v).sum();
      BigInteger average =
          BigDecimal.valueOf(sum, 2)
              .divide(BigDecimal.valueOf(values.size()), 4, RoundingMode.HALF_UP)
              .unscaledValue();
      expected.add(joined(k, List.of(BigInteger.valueOf(sum), average, (long) values.size())));
    });
    same(
        fixture.rows(new PlanNode.Aggregate(scan(t), List.of(0, 1), calls, output), parallelism),
        expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void sortsStablyWithNullsWhereTold(int parallelism) {
    List<@Nullable Object[]> rows = randomRows(3000, 30);
    TableDescriptor t = fixture.table(List.of(), rows, TYPES);
    List<List<SortKey>> orders =
        List.of(
            List.of(new SortKey(0, false, false)),
            List.of(new SortKey(2, true, true), new SortKey(3, false, false)),
            List.of(new SortKey(5, true, false)),
            List.of(
                new SortKey(3, true, true),
                new SortKey(1, false, true),
                new SortKey(4, true, false)));
    for (List<SortKey> order : orders) {
      Comparator<List<@Nullable Object>> comparator = comparator(order);
      List<List<@Nullable Object>> expected = new ArrayList<>(plainRows(rows));
      expected.sort(comparator);
      var full = new PlanNode.Sort(scan(t), order, null, null);
      List<List<@Nullable Object>> actual = fixture.rows(full, parallelism);
      assertThat(actual).usingElementComparator(comparator).as("seed %d", seed).isEqualTo(expected);
      same(actual, expected);
      if (parallelism == 1) {
        assertThat(actual).as("stable, seed %d", seed).isEqualTo(expected);
      }
      Expr offset = literal(7L, SqlType.BIGINT);
      Expr fetch = literal(25L, SqlType.BIGINT);
      assertThat(fixture.rows(new PlanNode.Sort(scan(t), order, offset, fetch), parallelism))
          .usingElementComparator(comparator)
          .isEqualTo(expected.subList(7, 32));
    }
    var limit =
        new PlanNode.Sort(
            scan(t), List.of(), literal(10L, SqlType.BIGINT), literal(100L, SqlType.BIGINT));
    assertThat(fixture.rows(limit, parallelism)).hasSize(100);
    assertThat(
            fixture.rows(
                new PlanNode.Sort(scan(t), List.of(), literal(2990L, SqlType.BIGINT), null),
                parallelism))
        .hasSize(10);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Comparator<List<@Nullable Object>> comparator(List<SortKey> order) {
    return (a, b) -> {
      for (SortKey k : order) {
        Object x = key(a.get(k.column()));
        Object y = key(b.get(k.column()));
        int c;
        if (x == null || y == null) {
          c = x == y ? 0 : (x == null) == k.nullsFirst() ? -1 : 1;
        } else {
          c = ((Comparable) x).compareTo(y);
          c = k.descending() ? -c : c;
        }
        if (c != 0) {
          return c;
        }
      }
      return 0;
    };
  }

  @Test
  void topRowsOfManyAreCutOnTheWay() {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 90_000; i++) {
      rows.add(new @Nullable Object[] {random.nextInt()});
    }
    TableDescriptor t = fixture.table(List.of(), rows, SqlType.INTEGER);
    var plan =
        new PlanNode.Sort(
            scan(t), List.of(new SortKey(0, true, false)), null, literal(50L, SqlType.BIGINT));
    List<List<@Nullable Object>> expected =
        plainRows(rows).stream()
            .sorted(Comparator.comparing(r -> -(long) (Integer) r.get(0)))
            .limit(50)
            .toList();
    assertThat(fixture.rows(plan, 3)).as("seed %d", seed).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void setOperationsAndUnions(int parallelism) {
    List<@Nullable Object[]> left = randomRows(900, 5);
    List<@Nullable Object[]> right = randomRows(700, 5);
    // Few columns, so that there are duplicates.
    List<@Nullable Object[]> l2 =
        left.stream().map(r -> new @Nullable Object[] {r[0], r[2], r[3]}).toList();
    List<@Nullable Object[]> r2 =
        right.stream().map(r -> new @Nullable Object[] {r[0], r[2], r[3]}).toList();
    TableDescriptor l = fixture.table(List.of(), l2, TYPES[0], TYPES[2], TYPES[3]);
    TableDescriptor r = fixture.table(List.of(), r2, TYPES[0], TYPES[2], TYPES[3]);
    for (SetKind kind : SetKind.values()) {
      for (boolean all : new boolean[] {false, true}) {
        var plan = new PlanNode.SetOperation(kind, all, scan(l), scan(r), fields(l));
        Map<List<@Nullable Object>, Long> a = counted(plainRows(l2));
        Map<List<@Nullable Object>, Long> b = counted(plainRows(r2));
        Map<List<@Nullable Object>, Long> expected = new HashMap<>();
        a.forEach((row, n) -> {
          long m = b.getOrDefault(row, 0L);
          long keep =
              all
                  ? (kind == SetKind.INTERSECT ? Math.min(n, m) : Math.max(0, n - m))
                  : (m > 0) == (kind == SetKind.INTERSECT) ? 1 : 0;
          if (keep > 0) {
            expected.put(row, keep);
          }
        });
        assertThat(counted(fixture.rows(plan, parallelism)))
            .as("seed %d", seed)
            .isEqualTo(expected);
      }
    }
    List<List<@Nullable Object>> both = new ArrayList<>(plainRows(l2));
    both.addAll(plainRows(r2));
    same(
        fixture.rows(new PlanNode.UnionAll(List.of(scan(l), scan(r)), fields(l)), parallelism),
        both);
    assertThat(new HashSet<>(both)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void correlatedRightSides(int parallelism) {
    List<@Nullable Object[]> left = randomRows(120, 20);
    List<@Nullable Object[]> right = randomRows(90, 20);
    TableDescriptor l = fixture.table(List.of(), left, TYPES);
    TableDescriptor r = fixture.table(List.of(), right, TYPES);
    Expr filter =
        call(Fn.EQ, SqlType.BOOLEAN, column(0, TYPES[0]), new Expr.Correlated(3, 0, TYPES[0]));
    PlanNode inner = scan(r, filter, PlanNode.KeyBounds.ALL);
    for (JoinKind kind : List.of(JoinKind.INNER, JoinKind.LEFT, JoinKind.SEMI, JoinKind.ANTI)) {
      var plan = new PlanNode.Correlate(3, kind, scan(l), inner, output(kind, l, r));
      same(
          fixture.rows(plan, parallelism),
          naiveJoin(kind, left, right, (a, b) -> keysMatch(a, b, List.of(0), false)));
    }
  }
}

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
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Grouping and aggregates against a row-at-a-time one, with one worker and with three. */
class AggregateTest extends RandomTables {
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

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void groupingSetsAreTheSetsOneByOne(int parallelism) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      int v = random.nextInt(20_000);
      rows.add(
          new @Nullable Object[] {
            v % 7 == 0 ? null : v, utf8("g" + v % 11), (long) (v % 5), (long) i
          });
    }
    SqlType[] types = {SqlType.INTEGER, SqlType.TEXT, SqlType.BIGINT, SqlType.BIGINT};
    List<AggregateCall> calls =
        List.of(
            new AggregateCall(AggregateFn.GROUPING, -1, false, -1, List.of(2, 0), SqlType.INTEGER),
            new AggregateCall(AggregateFn.COUNT, 3, true, -1, null, SqlType.BIGINT),
            new AggregateCall(AggregateFn.SUM, 3, false, -1, null, SqlType.decimal(38, 0)));
    List<List<Integer>> sets =
        List.of(
            List.of(0, 1),
            List.of(1),
            List.of(),
            List.of(0, 2),
            List.of(1),
            List.of(2),
            List.of(0));
    var big = new ExecutorFixture(4000, 1024, 1 << 28);
    try (big) {
      TableDescriptor t = big.table(List.of(), rows, types);
      List<Field> output = new ArrayList<>(fields(t).subList(0, 3));
      calls.forEach(c -> output.add(new Field("a", c.type(), true)));
      List<List<@Nullable Object>> expected = new ArrayList<>();
      for (List<Integer> set : sets) {
        Map<List<@Nullable Object>, long[]> groups = new LinkedHashMap<>();
        for (@Nullable Object[] row : rows) {
          List<@Nullable Object> key = new ArrayList<>();
          for (int c = 0; c < 3; c++) {
            key.add(set.contains(c) ? plain(row[c]) : null);
          }
          long[] group = groups.computeIfAbsent(key, k -> new long[2]);
          group[0]++;
          group[1] += (Long) row[3];
        }
        int bits = (set.contains(2) ? 0 : 2) + (set.contains(0) ? 0 : 1);
        groups.forEach((key, group) ->
            expected.add(joined(key, List.of(bits, group[0], BigInteger.valueOf(group[1])))));
      }
      var plan = new PlanNode.Aggregate(scan(t), List.of(0, 1, 2), sets, calls, output);
      same(big.rows(plan, parallelism), expected);
      assertThat(big.memory.usedBytes()).isZero();
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
}

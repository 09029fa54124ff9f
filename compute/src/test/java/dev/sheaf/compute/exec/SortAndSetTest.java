package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.fields;
import static dev.sheaf.compute.exec.ExecutorFixture.literal;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.SetKind;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sorts, limits and set operations against a row-at-a-time one, with one worker and with three. */
class SortAndSetTest extends RandomTables {
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
}

package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.call;
import static dev.sheaf.compute.exec.ExecutorFixture.column;
import static dev.sheaf.compute.exec.ExecutorFixture.concat;
import static dev.sheaf.compute.exec.ExecutorFixture.fields;
import static dev.sheaf.compute.exec.ExecutorFixture.plain;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
import static dev.sheaf.compute.exec.ExecutorFixture.utf8;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Joins of all kinds against nested loops over rows, with one worker and with three. */
class JoinTest extends RandomTables {
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

package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.literal;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.expression.FrameShape.Exclusion;
import dev.sheaf.columnar.expression.FrameShape.Unit;
import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.PartitionLimit;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Window functions against {@link WindowModel}, which looks at every row of every frame. */
class WindowTest extends RandomTables {
  private static final int ID = 4;

  /** Group, key with duplicates, value, text, a number of its own for each row, a small number. */
  private static final SqlType[] COLUMNS = {
    SqlType.INTEGER,
    SqlType.INTEGER,
    SqlType.decimal(12, 2),
    SqlType.TEXT,
    SqlType.BIGINT,
    SqlType.INTEGER
  };

  private List<@Nullable Object[]> rows(int count, int groups, int keys) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new @Nullable Object[] {
            random.nextInt(12) == 0 ? null : random.nextInt(groups),
            random.nextInt(9) == 0 ? null : random.nextInt(keys) - keys / 2,
            random.nextInt(9) == 0 ? null : (long) random.nextInt(2000) - 1000,
            random.nextInt(9) == 0 ? null : ExecutorFixture.utf8("t" + random.nextInt(20)),
            (long) i,
            random.nextInt(9) == 0 ? null : 1 + random.nextInt(4)
          });
    }
    return rows;
  }

  private PlanNode.Window window(
      TableDescriptor t,
      List<SortKey> sort,
      List<WindowCalls> windows,
      @Nullable PartitionLimit limit) {
    List<Field> output = new ArrayList<>(ExecutorFixture.fields(t));
    windows.forEach(w -> w.calls().forEach(c -> output.add(new Field("w", c.type(), true))));
    return new PlanNode.Window(scan(t), sort, windows, limit, output);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void everyFrameIsWhatAModelFinds(int parallelism) {
    for (int round = 0; round < 6; round++) {
      List<@Nullable Object[]> rows = rows(40 + random.nextInt(160), 1 + random.nextInt(4), 12);
      TableDescriptor t = fixture.table(List.of(), rows, COLUMNS);
      for (SortKey key : keys()) {
        SortKey partition = new SortKey(0, random.nextBoolean(), random.nextBoolean());
        SortKey last = new SortKey(ID, random.nextBoolean(), false);
        List<WindowCall> calls = new ArrayList<>();
        for (Unit unit : Unit.values()) {
          for (int i = 0; i < 3; i++) {
            calls.addAll(calls(frame(random, unit, key)));
          }
        }
        // With the number of rows as the last key only one of a row's kind is its peer.
        boolean total = random.nextInt(3) == 0;
        List<WindowCall> fitting =
            calls.stream().filter(c -> !total || c.frame().rangeKey() == null).toList();
        List<SortKey> sort = List.of(partition, key, last);
        compare(t, rows, sort, new WindowCalls(1, total ? 2 : 1, fitting), parallelism);
      }
    }
  }

  private List<SortKey> keys() {
    return List.of(
        new SortKey(1, random.nextBoolean(), random.nextBoolean()),
        new SortKey(2, random.nextBoolean(), random.nextBoolean()));
  }

  /** Any valid frame; offsets from nothing to more rows than there are. */
  private static WindowFrame frame(Random random, Unit unit, SortKey key) {
    Edge start = Edge.values()[random.nextInt(4)];
    List<Edge> ends = new ArrayList<>(List.of(Edge.FOLLOWING, Edge.UNBOUNDED_FOLLOWING));
    if (start.compareTo(Edge.CURRENT_ROW) <= 0) {
      ends.add(Edge.CURRENT_ROW);
    }
    if (start.compareTo(Edge.PRECEDING) <= 0) {
      ends.add(Edge.PRECEDING);
    }
    Edge end = ends.get(random.nextInt(ends.size()));
    Exclusion exclusion = Exclusion.values()[random.nextInt(8) % 4 * random.nextInt(2)];
    var shape = new FrameShape(unit, start, end, exclusion);
    boolean range = unit == Unit.RANGE && shape.hasOffset();
    return new WindowFrame(
        shape,
        start.hasOffset() ? offset(random, range, key) : null,
        end.hasOffset() ? offset(random, range, key) : null,
        range ? key : null);
  }

  private static Expr offset(Random random, boolean range, SortKey key) {
    if (range && key.column() == 2) {
      // Of more digits than the key has.
      return literal((long) random.nextInt(600_000), SqlType.decimal(12, 3));
    }
    long[] offsets = {0, 1, 2, 3, 7, 100, Long.MAX_VALUE};
    return literal(offsets[random.nextInt(offsets.length)], SqlType.BIGINT);
  }

  /** One call of each kind over a frame. */
  private static List<WindowCall> calls(WindowFrame frame) {
    List<WindowCall> calls = new ArrayList<>();
    SqlType sum = SqlType.decimal(38, 2);
    calls.add(aggregate(AggregateFn.COUNT_STAR, -1, SqlType.BIGINT, frame));
    calls.add(aggregate(AggregateFn.COUNT, 2, SqlType.BIGINT, frame));
    calls.add(aggregate(AggregateFn.SUM, 2, sum, frame));
    calls.add(aggregate(AggregateFn.MIN, 2, COLUMNS[2], frame));
    calls.add(aggregate(AggregateFn.MAX, 3, SqlType.TEXT, frame));
    calls.add(aggregate(AggregateFn.ANY_VALUE, 3, SqlType.TEXT, frame));
    calls.add(aggregate(AggregateFn.STDDEV_POP, 5, SqlType.DOUBLE, frame));
    calls.add(function(WindowFn.FIRST_VALUE, List.of(2), COLUMNS[2], frame));
    calls.add(function(WindowFn.LAST_VALUE, List.of(3), SqlType.TEXT, frame));
    calls.add(function(WindowFn.NTH_VALUE, List.of(ID, 5), SqlType.BIGINT, frame));
    calls.add(aggregate(AggregateFn.STRING_AGG, 3, SqlType.TEXT, frame));
    return calls;
  }

  private static WindowCall aggregate(
      AggregateFn fn, int argument, SqlType type, WindowFrame frame) {
    return new PlanNode.AggregateOver(new AggregateCall(fn, argument, false, -1, "+", type), frame);
  }

  private static WindowCall function(
      WindowFn fn, List<Integer> arguments, SqlType type, WindowFrame frame) {
    return new PlanNode.FunctionOver(fn, arguments, frame, type);
  }

  private void compare(
      TableDescriptor t,
      List<@Nullable Object[]> rows,
      List<SortKey> sort,
      WindowCalls window,
      int parallelism) {
    var plan = window(t, sort, List.of(window), null);
    List<List<@Nullable Object>> expected =
        byId(new WindowModel(plainRows(rows), sort, window).rows());
    List<List<@Nullable Object>> actual = fixture.rows(plan, parallelism);
    assertThat(actual).as("seed %d", seed).hasSameSizeAs(expected);
    List<List<@Nullable Object>> inOrder = byId(actual);
    for (int i = 0; i < expected.size(); i++) {
      for (int c = 0; c < COLUMNS.length + window.calls().size(); c++) {
        assertThat(rounded(inOrder.get(i).get(c)))
            .as(
                "seed %d, sort %s, call %s, row %d",
                seed, sort, c < COLUMNS.length ? c : window.calls().get(c - COLUMNS.length), i)
            .isEqualTo(rounded(expected.get(i).get(c)));
      }
    }
  }

  /** Sums of doubles depend on their order. */
  private static @Nullable Object rounded(@Nullable Object value) {
    return value instanceof Double d ? (Object) (Math.rint(d * 1e9) / 1e9) : value;
  }

  private static List<List<@Nullable Object>> byId(List<List<@Nullable Object>> rows) {
    List<List<@Nullable Object>> sorted = new ArrayList<>(rows);
    sorted.sort((a, b) -> Long.compare((Long) a.get(ID), (Long) b.get(ID)));
    return sorted;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void manyRowsInManySectionsAndInOne(int parallelism) {
    List<@Nullable Object[]> rows = rows(100_000, 3, 50_000);
    TableDescriptor t = fixture.table(List.of(), rows, COLUMNS);
    var sliding =
        new WindowFrame(
            new FrameShape(Unit.ROWS, Edge.PRECEDING, Edge.FOLLOWING, Exclusion.NO_OTHERS),
            literal(40L, SqlType.BIGINT),
            literal(25L, SqlType.BIGINT),
            null);
    for (int partitionKeys : new int[] {0, 1}) {
      List<SortKey> sort = new ArrayList<>(List.of(new SortKey(0, false, false)));
      sort.add(new SortKey(ID, false, false));
      if (partitionKeys == 0) {
        sort.removeFirst();
      }
      var window =
          new WindowCalls(
              partitionKeys,
              1,
              List.of(
                  function(WindowFn.ROW_NUMBER, List.of(), SqlType.BIGINT, WindowFrame.DEFAULT),
                  aggregate(AggregateFn.SUM, 2, SqlType.decimal(38, 2), WindowFrame.DEFAULT),
                  aggregate(AggregateFn.SUM, 2, SqlType.decimal(38, 2), sliding),
                  aggregate(AggregateFn.MAX, 2, COLUMNS[2], sliding)));
      List<List<@Nullable Object>> actual =
          byId(fixture.rows(window(t, sort, List.of(window), null), parallelism));
      assertThat(actual).as("seed %d", seed).hasSize(rows.size());
      List<List<@Nullable Object>> expected =
          WindowModel.ofNeighbours(plainRows(rows), partitionKeys == 1, 40, 25);
      for (int i = 0; i < rows.size(); i++) {
        assertThat(actual.get(i).subList(6, 10))
            .as("seed %d, row %d", seed, i)
            .isEqualTo(expected.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aLimitKeepsTheFirstRowsOfEachPartition(int parallelism) {
    List<@Nullable Object[]> rows = rows(200_000, 40, 3_000);
    TableDescriptor t = fixture.table(List.of(), rows, COLUMNS);
    List<SortKey> sort = List.of(new SortKey(0, false, false), new SortKey(1, true, true));
    for (boolean withTies : new boolean[] {false, true}) {
      WindowFn fn = withTies ? WindowFn.RANK : WindowFn.ROW_NUMBER;
      var window =
          new WindowCalls(
              1, 1, List.of(function(fn, List.of(), SqlType.BIGINT, WindowFrame.DEFAULT)));
      var limit = new PartitionLimit(literal(3L, SqlType.BIGINT), withTies);
      List<List<@Nullable Object>> all =
          fixture.rows(window(t, sort, List.of(window), null), parallelism);
      List<List<@Nullable Object>> limited =
          fixture.rows(window(t, sort, List.of(window), limit), parallelism);
      assertThat(limited.size()).as("seed %d", seed).isLessThan(60_000);
      assertThat(counted(firstThree(limited, withTies)))
          .as("seed %d", seed)
          .isEqualTo(counted(firstThree(all, withTies)));
      var none = new PartitionLimit(literal(null, SqlType.BIGINT), withTies);
      assertThat(fixture.rows(window(t, sort, List.of(window), none), parallelism)).isEmpty();
    }
  }

  /** Group, key and number; without ties any of several rows of a key may be among them. */
  private static List<List<@Nullable Object>> firstThree(
      List<List<@Nullable Object>> rows, boolean withTies) {
    return rows.stream()
        .filter(r -> (Long) r.get(6) <= 3)
        .map(r -> {
          List<@Nullable Object> row = new ArrayList<>(List.of(r.get(6)));
          row.add(r.get(0));
          row.add(r.get(1));
          row.add(withTies ? r.get(ID) : null);
          return row;
        })
        .toList();
  }

  @Test
  void offsetsAreCheckedBeforeAnyRowIsRead() {
    TableDescriptor t = fixture.table(List.of(), rows(10, 2, 2), COLUMNS);
    var shape = new FrameShape(Unit.ROWS, Edge.PRECEDING, Edge.CURRENT_ROW, Exclusion.NO_OTHERS);
    for (Long offset : new Long[] {null, -1L}) {
      var frame = new WindowFrame(shape, literal(offset, SqlType.BIGINT), null, null);
      var plan =
          window(
              t,
              List.of(),
              List.of(
                  new WindowCalls(
                      0, 0, List.of(aggregate(AggregateFn.COUNT_STAR, -1, SqlType.BIGINT, frame)))),
              null);
      assertThatThrownBy(() -> fixture.rows(plan, 1))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(e.sqlState()).isEqualTo(offset == null ? "22004" : "22013"));
    }
    assertThat(fixture.storage.opened.get()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void cancellationIsNoticedWhileFramesAreComputed(int parallelism) {
    TableDescriptor t = fixture.table(List.of(), rows(100_000, 1, 100), COLUMNS);
    var window =
        new WindowCalls(
            0, 1, List.of(aggregate(AggregateFn.MAX, 3, SqlType.TEXT, WindowFrame.DEFAULT)));
    var plan = window(t, List.of(new SortKey(1, false, false)), List.of(window), null);
    var asked = new AtomicInteger();
    fixture.cancel =
        () -> {
          asked.incrementAndGet();
          return false;
        };
    fixture.rows(plan, parallelism);
    int whole = asked.get();
    // Late: all rows are there by then.
    asked.set(0);
    fixture.cancel = () -> asked.incrementAndGet() > whole - 20;
    assertThatThrownBy(() -> fixture.rows(plan, parallelism))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("57014"));
  }
}

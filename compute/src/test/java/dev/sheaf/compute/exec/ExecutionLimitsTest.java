package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.call;
import static dev.sheaf.compute.exec.ExecutorFixture.column;
import static dev.sheaf.compute.exec.ExecutorFixture.concat;
import static dev.sheaf.compute.exec.ExecutorFixture.fields;
import static dev.sheaf.compute.exec.ExecutorFixture.literal;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
import static dev.sheaf.compute.exec.ExecutorFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.JoinKind;
import dev.sheaf.compute.plan.PlanNode.KeyBounds;
import dev.sheaf.compute.plan.PlanNode.SetKind;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory limits, early ends, errors, and what the leaves ask of storage. */
class ExecutionLimitsTest {
  private static final SqlType INT = SqlType.INTEGER;

  private static List<@Nullable Object[]> rows(int count) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new @Nullable Object[] {i, utf8("some text that is not short at all " + i)});
    }
    return rows;
  }

  private static String stateOf(ExecutorFixture fixture, PlanNode plan, int parallelism) {
    try {
      fixture.rows(plan, parallelism);
      return "00000";
    } catch (SheafException e) {
      return e.sqlState();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void overTheBudgetIs53200AndGivesAllBack(int parallelism) {
    try (var fixture = new ExecutorFixture(2000, 500, 300_000)) {
      TableDescriptor t = fixture.table(List.of(), rows(20_000), INT, SqlType.TEXT);
      List<Field> both = concat(fields(t), fields(t));
      List<PlanNode> plans =
          List.of(
              new PlanNode.Aggregate(scan(t), List.of(1), List.of(), List.of(fields(t).get(1))),
              new PlanNode.Aggregate(
                  scan(t),
                  List.of(),
                  List.of(new AggregateCall(AggregateFn.COUNT, 1, true, -1, null, SqlType.BIGINT)),
                  List.of(new Field("n", SqlType.BIGINT, false))),
              new PlanNode.HashJoin(
                  JoinKind.INNER,
                  scan(t),
                  scan(t),
                  List.of(0),
                  List.of(0),
                  List.of(false),
                  null,
                  both),
              new PlanNode.NestedLoopJoin(JoinKind.LEFT, scan(t), scan(t), null, both),
              new PlanNode.Sort(scan(t), List.of(new SortKey(1, false, false)), null, null),
              new PlanNode.SetOperation(SetKind.EXCEPT, false, scan(t), scan(t), fields(t)),
              numbered(t, null),
              numbered(t, new PlanNode.PartitionLimit(literal(5L, SqlType.BIGINT), false)));
      for (PlanNode plan : plans) {
        assertThat(stateOf(fixture, plan, parallelism))
            .as("%s", plan.getClass())
            .isEqualTo("53200");
        assertThat(fixture.memory.usedBytes()).as("%s", plan.getClass()).isZero();
        assertThat(fixture.storage.open.get()).as("%s", plan.getClass()).isZero();
      }
    }
  }

  /** Each row is a partition of its own. */
  private static PlanNode numbered(TableDescriptor t, PlanNode.@Nullable PartitionLimit limit) {
    var number =
        new PlanNode.FunctionOver(
            WindowFn.ROW_NUMBER, List.of(), WindowFrame.DEFAULT, SqlType.BIGINT);
    return new PlanNode.Window(
        scan(t),
        List.of(new SortKey(0, false, false)),
        List.of(new PlanNode.WindowCalls(1, 0, List.of(number))),
        limit,
        concat(fields(t), List.of(new Field("n", SqlType.BIGINT, false))));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void closingEarlyStopsAndReleases(int parallelism) {
    try (var fixture = new ExecutorFixture(100, 50, 1 << 26)) {
      TableDescriptor t = fixture.table(List.of(), rows(50_000), INT, SqlType.TEXT);
      var join =
          new PlanNode.HashJoin(
              JoinKind.INNER,
              scan(t),
              scan(t),
              List.of(0),
              List.of(0),
              List.of(false),
              null,
              concat(fields(t), fields(t)));
      BatchSource source = fixture.open(join, parallelism);
      assertThat(fixture.storage.opened.get()).as("nothing runs before the first pull").isZero();
      assertThat(source.next()).isNotNull();
      source.close();
      source.close();
      assertThat(source.next()).isNull();
      assertThat(fixture.memory.usedBytes()).isZero();
      assertThat(fixture.storage.open.get()).isZero();
      int opened = fixture.storage.opened.get();
      assertThat(opened).as("the probe side was not read to its end").isLessThan(1000);

      fixture.open(join, parallelism).close();
      assertThat(fixture.memory.usedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void errorsAndCancellationReachTheCaller(int parallelism) {
    try (var fixture = new ExecutorFixture(100, 50, 1 << 26)) {
      TableDescriptor t = fixture.table(List.of(), rows(5000), INT, SqlType.TEXT);
      Expr divided =
          call(
              Fn.DIVIDE,
              INT,
              literal(1, INT),
              call(Fn.SUBTRACT, INT, column(0, INT), literal(3210, INT)));
      PlanNode failing =
          new PlanNode.Project(scan(t), List.of(divided), List.of(new Field("x", INT, true)));
      assertThat(stateOf(fixture, failing, parallelism)).isEqualTo("22012");
      PlanNode sorted =
          new PlanNode.Sort(failing, List.of(new SortKey(0, false, false)), null, null);
      assertThat(stateOf(fixture, sorted, parallelism)).isEqualTo("22012");
      Expr safe = call(Fn.NE, SqlType.BOOLEAN, column(0, INT), literal(3210, INT));
      PlanNode guarded =
          new PlanNode.Project(
              new PlanNode.Filter(scan(t), safe),
              List.of(divided),
              List.of(new Field("x", INT, true)));
      assertThat(fixture.rows(guarded, parallelism)).hasSize(4999);
      fixture.cancel = () -> true;
      assertThat(stateOf(fixture, scan(t), parallelism)).isEqualTo("57014");
      assertThat(fixture.storage.open.get()).isZero();
      assertThat(fixture.memory.usedBytes()).isZero();
    }
  }

  @Test
  void scansReadOnlyTheirKeyRange() {
    try (var fixture = new ExecutorFixture(1000, 100, 1 << 26)) {
      TableDescriptor t = fixture.table(List.of(1), rows(1000), INT, SqlType.TEXT);
      fixture.parameters = new @Nullable Object[] {40, null};
      Expr parameter = new Expr.Parameter(0, INT);
      Expr nothing = new Expr.Parameter(1, INT);
      Expr ten = literal(10, INT);
      assertThat(count(fixture, t, new KeyBounds(List.of(parameter), null, true, null, true)))
          .isEqualTo(1);
      assertThat(count(fixture, t, new KeyBounds(List.of(), ten, true, parameter, true)))
          .isEqualTo(31);
      assertThat(count(fixture, t, new KeyBounds(List.of(), ten, false, parameter, false)))
          .isEqualTo(29);
      assertThat(count(fixture, t, new KeyBounds(List.of(), parameter, true, null, true)))
          .isEqualTo(960);
      assertThat(count(fixture, t, new KeyBounds(List.of(), null, true, ten, false))).isEqualTo(10);
      assertThat(count(fixture, t, new KeyBounds(List.of(), parameter, true, ten, true))).isZero();
      assertThat(count(fixture, t, new KeyBounds(List.of(nothing), null, true, null, true)))
          .isZero();
      Expr filter = call(Fn.LT, SqlType.BOOLEAN, column(0, INT), parameter);
      assertThat(fixture.rows(scan(t, filter, KeyBounds.ALL), 2)).hasSize(40);
      assertThat(fixture.storage.lastPruning)
          .isEqualTo(call(Fn.LT, SqlType.BOOLEAN, column(0, INT), literal(40, INT)));
    }
  }

  private static int count(ExecutorFixture fixture, TableDescriptor t, KeyBounds bounds) {
    return fixture.rows(scan(t, null, bounds), 2).size();
  }

  @Test
  void lookupsFindEachKeyOnceAndReadThePast() {
    try (var fixture = new ExecutorFixture(1000, 100, 1 << 26)) {
      TableDescriptor t = fixture.table(List.of(1), rows(100), INT, SqlType.TEXT);
      List<List<Expr>> keys =
          List.of(
              List.of(literal(7, INT)),
              List.of(literal(null, INT)),
              List.of(literal(3, INT)),
              List.of(literal(7, INT)),
              List.of(literal(7000, INT)));
      Expr asOf = literal(1_234_567L, SqlType.TIMESTAMPTZ);
      var plan =
          new PlanNode.KeyLookup(t, List.of(0), false, keys, null, asOf, fields(t).subList(0, 1));
      assertThat(fixture.rows(plan, 2)).containsExactly(List.of(3), List.of(7));
      assertThat(fixture.storage.lastAsOf).isEqualTo(new Timestamp((1235L << 18) - 1));
    }
  }

  @Test
  void limitsRefuseNegativeCounts() {
    try (var fixture = new ExecutorFixture(1000, 100, 1 << 26)) {
      PlanNode one = new PlanNode.Values(List.of(List.of()), List.of());
      assertThat(fixture.rows(one, 1)).containsExactly(List.of());
      Expr minus = literal(-1L, SqlType.BIGINT);
      Expr none = literal(null, SqlType.BIGINT);
      assertThat(stateOf(fixture, new PlanNode.Sort(one, List.of(), minus, null), 1))
          .isEqualTo("2201X");
      assertThat(stateOf(fixture, new PlanNode.Sort(one, List.of(), null, minus), 1))
          .isEqualTo("2201W");
      assertThat(fixture.rows(new PlanNode.Sort(one, List.of(), none, none), 1)).hasSize(1);
      assertThatThrownBy(() ->
              fixture.open(
                  new PlanNode.Delete(
                      fixture.table(List.of(), List.of(), INT), one, List.of(), List.of()),
                  1))
          .isInstanceOf(SheafException.class);
    }
  }
}

package dev.sheaf.compute.exec;

import static dev.sheaf.compute.exec.ExecutorFixture.call;
import static dev.sheaf.compute.exec.ExecutorFixture.column;
import static dev.sheaf.compute.exec.ExecutorFixture.concat;
import static dev.sheaf.compute.exec.ExecutorFixture.literal;
import static dev.sheaf.compute.exec.ExecutorFixture.scan;
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
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.plan.PlanNode.WindowCall;
import dev.sheaf.compute.plan.PlanNode.WindowCalls;
import dev.sheaf.compute.plan.WindowFrame;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans that do not fit into their memory give what they give where they do. */
class SpillTest extends RandomTables {
  private static final int TIGHT = 260_000;

  @TempDir private Path folder;
  private final ExecutorFixture tight = new ExecutorFixture(1500, 250, TIGHT);

  @BeforeEach
  void spaceOnDisk() {
    tight.spill = SpillSpace.in(folder.resolve("spill"), 1 << 28);
  }

  @AfterEach
  void nothingStays() throws IOException {
    tight.close();
    assertThat(tight.memory.usedBytes()).as("memory still held, seed %d", seed).isZero();
    assertThat(tight.spill.usedBytes()).as("disk still held, seed %d", seed).isZero();
    assertThat(tight.storage.open.get()).as("scans still open, seed %d", seed).isZero();
    if (Files.exists(folder.resolve("spill"))) {
      try (Stream<Path> left = Files.list(folder.resolve("spill"))) {
        assertThat(left).isEmpty();
      }
    }
  }

  /** One table in both storages. */
  private record Both(TableDescriptor roomy, TableDescriptor tight) {}

  private Both table(List<@Nullable Object[]> rows) {
    return new Both(fixture.table(List.of(), rows, TYPES), tight.table(List.of(), rows, TYPES));
  }

  private interface Plan {
    PlanNode of(PlanNode left, PlanNode right);
  }

  /** The plan over the tables, in both ways; its second run must have used the disk. */
  private void check(Both left, Both right, int parallelism, String what, Plan plan) {
    List<List<@Nullable Object>> expected =
        fixture.rows(plan.of(scan(left.roomy()), scan(right.roomy())), parallelism);
    long before = tight.spill.writtenBytes();
    List<List<@Nullable Object>> actual =
        tight.rows(plan.of(scan(left.tight()), scan(right.tight())), parallelism);
    assertThat(counted(actual)).as("%s, seed %d", what, seed).isEqualTo(counted(expected));
    assertThat(tight.spill.writtenBytes()).as("%s, seed %d", what, seed).isGreaterThan(before);
    assertThat(tight.spill.usedBytes()).as("%s, seed %d", what, seed).isZero();
    assertThat(tight.memory.usedBytes()).as("%s, seed %d", what, seed).isZero();
  }

  private static PlanNode join(
      JoinKind kind,
      PlanNode left,
      PlanNode right,
      List<Integer> keys,
      boolean nullsAreEqual,
      @Nullable Expr residual) {
    List<Field> output =
        kind == JoinKind.SEMI || kind == JoinKind.ANTI
            ? left.output()
            : concat(left.output(), right.output());
    return new PlanNode.HashJoin(
        kind,
        left,
        right,
        keys,
        keys,
        Collections.nCopies(keys.size(), nullsAreEqual),
        residual,
        output);
  }

  /** Functions that do not tell peers apart, of partitions by a key and another one. */
  private static PlanNode window(PlanNode input, int key) {
    List<WindowCall> overPeers =
        List.of(
            new PlanNode.FunctionOver(
                WindowFn.RANK, List.of(), WindowFrame.DEFAULT, SqlType.BIGINT),
            over(AggregateFn.SUM, 4, SqlType.decimal(38, 2)),
            over(AggregateFn.MAX, 2, SqlType.TEXT));
    List<WindowCall> overPartition = List.of(over(AggregateFn.COUNT_STAR, -1, SqlType.BIGINT));
    List<Field> output = new ArrayList<>(input.output());
    overPeers.forEach(c -> output.add(new Field("peers", c.type(), true)));
    overPartition.forEach(c -> output.add(new Field("partition", c.type(), true)));
    return new PlanNode.Window(
        input,
        List.of(
            new SortKey(key, true, true),
            new SortKey(1, false, false),
            new SortKey(0, true, false)),
        List.of(new WindowCalls(1, 2, overPeers), new WindowCalls(2, 0, overPartition)),
        null,
        output);
  }

  private static WindowCall over(AggregateFn fn, int argument, SqlType type) {
    return new PlanNode.AggregateOver(
        new AggregateCall(fn, argument, false, -1, null, type), WindowFrame.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void windowsOfManyPartitions(int parallelism) {
    List<@Nullable Object[]> rows = randomRows(9000, 90);
    // NULLs are one partition, a ninth of all rows.
    for (@Nullable Object[] row : rows) {
      row[0] = row[0] == null ? random.nextInt(90) : row[0];
      row[2] = row[2] == null ? ExecutorFixture.utf8("none" + random.nextInt(9)) : row[2];
    }
    Both both = table(rows);
    for (int key : new int[] {0, 2}) {
      check(both, both, parallelism, "window by " + key, (l, r) -> window(l, key));
    }
  }

  @Test
  void aPartitionHasToFitIntoMemory() {
    List<@Nullable Object[]> rows = randomRows(9000, 40);
    rows.forEach(r -> r[2] = ExecutorFixture.utf8("one"));
    Both both = table(rows);
    assertThatThrownBy(() -> tight.rows(window(scan(both.tight()), 2), 1))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.sqlState()).isEqualTo("53200");
              assertThat(e.hint()).contains("query_memory_mb");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void joinsOfAllKinds(int parallelism) {
    Both left = table(randomRows(6000, 2500));
    Both right = table(randomRows(4000, 2500));
    Expr residual = call(Fn.LT, SqlType.BOOLEAN, column(4, TYPES[4]), column(10, TYPES[4]));
    for (List<Integer> keys :
        List.of(List.of(0), List.of(2), List.of(0, 3), List.of(1, 2), List.of(5))) {
      for (JoinKind kind : JoinKind.values()) {
        boolean withResidual = random.nextBoolean();
        // Nulls of a key are some five hundred rows on each side: with all other columns equal too.
        boolean nullsAreEqual = keys.size() > 1;
        check(
            left,
            right,
            parallelism,
            kind + " by " + keys + (withResidual ? " and more" : ""),
            (l, r) -> join(kind, l, r, keys, nullsAreEqual, withResidual ? residual : null));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void oneKeyWithMoreRowsThanFit(int parallelism) {
    List<@Nullable Object[]> many = randomRows(4000, 1000);
    for (@Nullable Object[] row : many) {
      row[0] = random.nextInt(400) == 0 ? (Integer) random.nextInt(100) : (Integer) 7;
    }
    List<@Nullable Object[]> few = randomRows(40, 100);
    few.get(0)[0] = 7;
    few.get(1)[0] = 7;
    Both left = table(few);
    Both right = table(many);
    Expr residual = call(Fn.LT, SqlType.BOOLEAN, column(4, TYPES[4]), column(10, TYPES[4]));
    for (JoinKind kind : JoinKind.values()) {
      for (@Nullable Expr condition : new @Nullable Expr[] {null, residual}) {
        check(
            left,
            right,
            parallelism,
            kind + " of one key" + (condition == null ? "" : " and more"),
            (l, r) -> join(kind, l, r, List.of(0), false, condition));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void joinsMakeRoomForOneAnother(int parallelism) {
    Both left = table(randomRows(3000, 1500));
    Both right = table(randomRows(1600, 1500));
    check(
        left,
        right,
        parallelism,
        "two joins and a sort",
        (l, r) ->
            new PlanNode.Sort(
                join(
                    JoinKind.INNER,
                    join(JoinKind.LEFT, l, r, List.of(0), false, null),
                    r,
                    List.of(2),
                    false,
                    null),
                List.of(new SortKey(1, false, false)),
                null,
                null));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void sorts(int parallelism) {
    Both table = table(randomRows(20_000, 3000));
    List<List<SortKey>> orders =
        List.of(
            List.of(new SortKey(0, false, false)),
            List.of(new SortKey(2, true, true), new SortKey(3, false, false)),
            List.of(new SortKey(3, false, true), new SortKey(5, true, false)));
    for (List<SortKey> keys : orders) {
      check(
          table,
          table,
          parallelism,
          "by " + keys,
          (l, r) -> new PlanNode.Sort(l, keys, null, null));
      List<List<@Nullable Object>> sorted =
          tight.rows(new PlanNode.Sort(scan(table.tight()), keys, null, null), parallelism);
      List<List<@Nullable Object>> expected =
          fixture.rows(new PlanNode.Sort(scan(table.roomy()), keys, null, null), parallelism);
      assertThat(keysOf(sorted, keys)).as("seed %d", seed).isEqualTo(keysOf(expected, keys));
      List<List<@Nullable Object>> part =
          tight.rows(
              new PlanNode.Sort(
                  scan(table.tight()),
                  keys,
                  literal(5_000L, SqlType.BIGINT),
                  literal(120_000L, SqlType.BIGINT)),
              parallelism);
      assertThat(keysOf(part, keys))
          .as("seed %d", seed)
          .isEqualTo(keysOf(expected.subList(5_000, 20_000), keys));
    }
  }

  private static List<List<@Nullable Object>> keysOf(
      List<List<@Nullable Object>> rows, List<SortKey> keys) {
    List<List<@Nullable Object>> out = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      List<@Nullable Object> values = new ArrayList<>();
      keys.forEach(k -> values.add(key(row.get(k.column()))));
      out.add(values);
    }
    return out;
  }

  @Test
  void closingEarlyDeletesEverything() {
    Both left = table(randomRows(6000, 2500));
    PlanNode plan =
        join(JoinKind.INNER, scan(left.tight()), scan(left.tight()), List.of(0), false, null);
    BatchSource source = tight.open(plan, 3);
    assertThat(source.next()).isNotNull();
    assertThat(tight.spill.usedBytes()).isPositive();
    source.close();
    assertThat(tight.spill.usedBytes()).isZero();
    assertThat(tight.memory.usedBytes()).isZero();
  }

  @Test
  void aFullSpaceIs53100AndTheNextQueryRuns() {
    Both table = table(randomRows(6000, 2500));
    tight.spill = SpillSpace.in(folder.resolve("spill"), 100_000);
    PlanNode sort =
        new PlanNode.Sort(scan(table.tight()), List.of(new SortKey(0, false, false)), null, null);
    assertThatThrownBy(() -> tight.rows(sort, 3))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("53100"));
    assertThat(tight.spill.usedBytes()).isZero();
    assertThat(tight.memory.usedBytes()).isZero();
    assertThat(tight.rows(scan(table.tight()), 3)).hasSize(6000);
  }

  @Test
  void whereThereIsNoDiskItIs53200() {
    Both table = table(randomRows(6000, 2500));
    tight.spill = SpillSpace.none();
    PlanNode sort =
        new PlanNode.Sort(scan(table.tight()), List.of(new SortKey(0, false, false)), null, null);
    assertThatThrownBy(() -> tight.rows(sort, 3))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("53200"));
  }
}

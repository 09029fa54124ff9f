package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** An executor with three workers over an in-memory storage, and shorthands for plans and rows. */
final class ExecutorFixture implements AutoCloseable {
  final ExecutorService workers = Executors.newFixedThreadPool(3);
  final InMemoryStorage storage;
  final MemoryBudget memory;
  final List<@Nullable Object[]> systemRows = new ArrayList<>();
  final Profile profile = new Profile();
  SpillSpace spill = SpillSpace.none();
  Cancel cancel = Cancel.NEVER;
  @Nullable Object[] parameters = {};
  private int nextTable = TableDescriptor.FIRST_USER_TABLE_ID;

  ExecutorFixture(int splitRows, int batchRows, long memoryBytes) {
    this.storage = new InMemoryStorage(splitRows, batchRows);
    this.memory = new MemoryBudget("query", memoryBytes);
  }

  ExecutionContext context(int parallelism) {
    return new ExecutionContext(
        storage,
        new ExecutionContext.SystemTables() {
          @Override
          public List<@Nullable Object[]> rows(String name) {
            return systemRows;
          }

          @Override
          public String transactionStatus(String id) {
            return "committed";
          }
        },
        parameters,
        memory,
        spill,
        workers,
        parallelism,
        Deadline.after(System.nanoTime(), 60_000),
        cancel,
        new ExecutionContext.StatementInfo(
            Instant.EPOCH, ZoneOffset.UTC, "db", "public", "alice", "test"),
        profile);
  }

  BatchSource open(PlanNode plan, int parallelism) {
    RandomGenerator random = new SplittableRandom(1);
    return new QueryExecutor(System::nanoTime, random).execute(plan, context(parallelism));
  }

  /** All rows; byte arrays as strings, so that lists compare by value. */
  List<List<@Nullable Object>> rows(PlanNode plan, int parallelism) {
    try (BatchSource source = open(plan, parallelism)) {
      List<List<@Nullable Object>> out = new ArrayList<>();
      for (Batch batch = source.next(); batch != null; batch = source.next()) {
        for (int k = 0; k < batch.selected(); k++) {
          List<@Nullable Object> row = new ArrayList<>();
          for (int c = 0; c < batch.columns().length; c++) {
            row.add(plain(batch.column(c).value(batch.row(k))));
          }
          out.add(row);
        }
      }
      return out;
    }
  }

  static @Nullable Object plain(@Nullable Object value) {
    return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : value;
  }

  static List<@Nullable Object> plain(@Nullable Object[] row) {
    List<@Nullable Object> out = new ArrayList<>();
    for (Object value : row) {
      out.add(plain(value));
    }
    return out;
  }

  TableDescriptor table(List<Integer> primaryKey, List<@Nullable Object[]> rows, SqlType... types) {
    List<ColumnDescriptor> columns = new ArrayList<>();
    for (int c = 0; c < types.length; c++) {
      columns.add(new ColumnDescriptor(c + 1, "c" + c, types[c], true, null, null));
    }
    int id = nextTable++;
    var table =
        new TableDescriptor(
            id, "public", "t" + id, 1, columns, primaryKey, "", List.of(), types.length + 1);
    storage.put(table, rows);
    return table;
  }

  static PlanNode scan(TableDescriptor table, @Nullable Expr filter, PlanNode.KeyBounds bounds) {
    List<Integer> all = new ArrayList<>();
    for (int c = 0; c < table.columns().size(); c++) {
      all.add(c);
    }
    return new PlanNode.TableScan(table, all, false, filter, bounds, null, 100, fields(table));
  }

  static PlanNode scan(TableDescriptor table) {
    return scan(table, null, PlanNode.KeyBounds.ALL);
  }

  static List<Field> fields(TableDescriptor table) {
    return table.columns().stream().map(c -> new Field(c.name(), c.type(), true)).toList();
  }

  static List<Field> concat(List<Field> a, List<Field> b) {
    List<Field> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  static Expr call(Fn fn, SqlType type, Expr... args) {
    return new Expr.Call(fn, Arrays.asList(args), type);
  }

  static Expr column(int index, SqlType type) {
    return new Expr.Column(index, type);
  }

  static Expr literal(@Nullable Object value, SqlType type) {
    return new Expr.Literal(value, type);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}

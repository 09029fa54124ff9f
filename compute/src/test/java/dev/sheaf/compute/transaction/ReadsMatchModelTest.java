package dev.sheaf.compute.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.fake.FakeShardService;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.ShardStorage;
import dev.sheaf.compute.storage.StatementStorage;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random transactions, flushes and reads of the past against maps: scans and lookups must show the
 * snapshot with the transaction's own writes laid over it, from segments and tail alike.
 */
class ReadsMatchModelTest {
  private static final Deadline DEADLINE = new Deadline(Long.MAX_VALUE / 2);
  private static final int KEYS = 40;
  private static final TableDescriptor TABLE =
      new TableDescriptor(
          1000,
          "public",
          "t",
          1,
          List.of(
              new ColumnDescriptor(1, "id", SqlType.BIGINT, false, null, null),
              new ColumnDescriptor(2, "v", SqlType.INTEGER, true, null, null)),
          List.of(1),
          "t_pkey",
          List.of(),
          3);

  private final FakeShardService service = new FakeShardService(() -> 1_000);
  private final ShardAccess shard =
      new ShardAccess(
          service, ShardId.root(new DatabaseId("db")), (key, size) -> service.segment(key));
  private final TreeMap<Long, Integer> committed = new TreeMap<>();
  private final Map<Timestamp, TreeMap<Long, Integer>> past = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void scansAndLookupsShowWhatTheModelHolds(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      transaction(random);
      if (random.nextInt(4) == 0) {
        service.flush();
      }
    }
    past.forEach((timestamp, rows) ->
        assertThat(scan(storage(timestamp, newTransaction()), 0, KEYS, null))
            .as("seed %s at %s", seed, timestamp)
            .isEqualTo(rows));
    assertThat(service.openViews()).isZero();
  }

  private Transaction newTransaction() {
    return new Transaction(
        new TransactionIds(new Random(1)),
        shard,
        TimeSource.SYSTEM,
        TransactionLimits.DEFAULT,
        true,
        false);
  }

  private ShardStorage storage(Timestamp snapshot, Transaction transaction) {
    return new ShardStorage(
        shard, snapshot, transaction.ownWrites(), (table, at) -> table, DEADLINE);
  }

  private void transaction(Random random) {
    Transaction transaction = newTransaction();
    Timestamp snapshot = transaction.snapshot(DEADLINE).timestamp();
    past.put(snapshot, new TreeMap<>(committed));
    var own = new TreeMap<>(committed);
    for (int statement = 0; statement < 1 + random.nextInt(4); statement++) {
      StatementWrites writes = transaction.beginStatement();
      var before = new TreeMap<>(own);
      for (int n = 0; n < 1 + random.nextInt(6); n++) {
        change(random, writes, before, own);
      }
      ShardStorage earlier = storage(snapshot, transaction);
      transaction.finishStatement(writes, DEADLINE);
      assertReads(random, earlier, before);
      assertReads(random, storage(snapshot, transaction), own);
    }
    if (random.nextInt(3) > 0) {
      transaction.commit(DEADLINE);
      committed.clear();
      committed.putAll(own);
    } else {
      transaction.rollback();
    }
  }

  private static void change(
      Random random,
      StatementWrites writes,
      TreeMap<Long, Integer> before,
      TreeMap<Long, Integer> own) {
    long id = random.nextInt(KEYS);
    int value = random.nextInt(1000);
    boolean touched = !before.getOrDefault(id, -1).equals(own.getOrDefault(id, -1));
    if (touched) {
      return;
    }
    if (!before.containsKey(id)) {
      writes.insert(key(id), row(id, value));
      own.put(id, value);
    } else if (random.nextBoolean()) {
      writes.update(key(id), key(id), row(id, value));
      own.put(id, value);
    } else {
      writes.delete(key(id));
      own.remove(id);
    }
  }

  private void assertReads(Random random, ShardStorage storage, TreeMap<Long, Integer> model) {
    long from = random.nextInt(KEYS);
    long to = from + random.nextInt(KEYS);
    int least = random.nextInt(1000);
    var expected = new TreeMap<>(model.subMap(from, to));
    expected.values().removeIf(v -> v < least);
    assertThat(scan(storage, from, to, least)).isEqualTo(expected);
    List<Long> ids = random.longs(5, 0, KEYS).boxed().distinct().toList();
    Batch found =
        storage.lookup(
            TABLE, List.of(1, 0), false, ids.stream().map(ReadsMatchModelTest::key).toList(), null);
    var foundRows = new TreeMap<Long, Integer>();
    for (int i = 0; i < found.selected(); i++) {
      foundRows.put((Long) found.column(1).value(i), (Integer) found.column(0).value(i));
    }
    var expectedRows = new TreeMap<>(model);
    expectedRows.keySet().retainAll(ids);
    assertThat(foundRows).isEqualTo(expectedRows);
  }

  /** Rows of [from, to) with v of at least {@code least}, by late filter and pruning. */
  private static TreeMap<Long, Integer> scan(
      ShardStorage storage, long from, long to, Integer least) {
    Expr pruning =
        least == null
            ? null
            : new Expr.Call(
                Fn.GE,
                List.of(
                    new Expr.Column(1, SqlType.INTEGER), new Expr.Literal(least, SqlType.INTEGER)),
                SqlType.BOOLEAN);
    var spec =
        new StatementStorage.ScanSpec(
            TABLE,
            List.of(0, 1),
            true,
            new KeyRange(key(from), key(to)),
            pruning,
            least == null ? null : new AtLeast(least),
            null,
            null);
    var rows = new TreeMap<Long, Integer>();
    try (StatementStorage.Scan scan = storage.scan(spec)) {
      for (StatementStorage.Split split : scan.splits()) {
        try (BatchSource source = split.open()) {
          for (Batch batch = source.next(); batch != null; batch = source.next()) {
            for (int i = 0; i < batch.selected(); i++) {
              int row = batch.row(i);
              Long id = (Long) batch.column(0).value(row);
              assertThat((byte[]) batch.column(2).value(row)).isEqualTo(key(id));
              assertThat(rows.put(id, (Integer) batch.column(1).value(row))).isNull();
            }
          }
        }
      }
    }
    return rows;
  }

  private record AtLeast(int least) implements StatementStorage.LateFilter {
    @Override
    public int[] columns() {
      return new int[] {1};
    }

    @Override
    public Batch apply(Batch batch) {
      var values = (Vec.IntVec) batch.column(1);
      int[] selection = new int[batch.selected()];
      int selected = 0;
      for (int i = 0; i < batch.selected(); i++) {
        if (values.values()[batch.row(i)] >= least) {
          selection[selected++] = batch.row(i);
        }
      }
      return batch.select(selection, selected);
    }

    @Override
    public StatementStorage.LateFilter copy() {
      return this;
    }
  }

  private static byte[] key(long id) {
    return TableKey.encode(1000, new PhysicalType[] {PhysicalType.LONG}, new Object[] {id});
  }

  private static byte[] row(long id, int value) {
    var ids = new VecBuilder(PhysicalType.LONG, 1);
    ids.append(id);
    var values = new VecBuilder(PhysicalType.INT, 1);
    values.append(value);
    return new TableRows(TABLE).row(Batch.of(new Vec[] {ids.build(), values.build()}, 1), 0, 0);
  }
}

package dev.sheaf.testkit.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every shard service promises, in process or behind a network. */
public abstract class ShardServiceContract {
  protected static final ShardId SHARD = ShardId.root(new DatabaseId("db"));
  protected static final int TABLE = TableDescriptor.FIRST_USER_TABLE_ID;
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);
  private static final int VALUE = 2;
  private static final ColumnRequest KEY =
      new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null);
  private static final List<ColumnRequest> COLUMNS =
      List.of(KEY, new ColumnRequest(VALUE, PhysicalType.LONG, -7L));

  /** A service whose only shard is {@link #SHARD}, without rows. */
  protected abstract ShardService service();

  /** Opens what a view names; services that never name a segment need not. */
  protected SegmentReader open(SegmentView segment) {
    throw new AssertionError("an unexpected segment: " + segment);
  }

  protected static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  protected static byte[] key(long n) {
    return TableKey.encodeRowId(TABLE, n);
  }

  protected static byte[] row(long value) {
    return RowCodec.encode(
        new Row(new int[] {VALUE}, new PhysicalType[] {PhysicalType.LONG}, new Object[] {value}));
  }

  /** An id as computes make them: it says when the transaction began (RFC 9562, version 7). */
  protected static TransactionId id() {
    UUID random = UUID.randomUUID();
    return new TransactionId(
        new UUID(
            System.currentTimeMillis() << 16 | 0x7000 | random.getMostSignificantBits() & 0xfff,
            random.getLeastSignificantBits()));
  }

  protected final Timestamp now() {
    return service().snapshot(SHARD, soon()).timestamp();
  }

  protected static Write write(WriteKind kind, long key, long value) {
    return new Write(key(key), kind, kind == WriteKind.DELETE ? null : row(value));
  }

  protected static CommitRequest request(Timestamp snapshot, Write... writes) {
    return new CommitRequest(SHARD, id(), snapshot, List.of(writes), List.of());
  }

  protected final CommitResult commit(Timestamp snapshot, Write... writes) {
    return service().commit(request(snapshot, writes), soon());
  }

  protected static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** All visible rows of a range by row id, from segments and tail. */
  protected final TreeMap<Long, Long> scan(Timestamp snapshot, KeyRange range) {
    var rows = new TreeMap<Long, Long>();
    assertThat(scan(new ReadRequest(SHARD, snapshot, range, COLUMNS), rows)).isNull();
    var byKey = new TreeMap<Long, Long>();
    assertThat(scan(new ReadRequest(SHARD, snapshot, range, COLUMNS, Head.ALL, List.of()), byKey))
        .isNull();
    assertThat(byKey).isEqualTo(rows);
    return rows;
  }

  /** Rows of what the view covers, which is given back. */
  private @Nullable KeyRange scan(ReadRequest request, TreeMap<Long, Long> rows) {
    try (ReadView view = service().openView(request, soon())) {
      KeyRange covered = view.covered();
      KeyRange range = covered == null ? request.range() : covered;
      view.segments().forEach(segment -> read(segment, range, rows));
      byte[] last = new byte[0];
      long tailRows = 0;
      try (BatchSource tail = view.tail()) {
        for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
          tailRows += batch.selected();
          for (Object[] row : RowBatches.rows(batch)) {
            byte[] key = (byte[]) row[0];
            assertThat(range.contains(key)).isTrue();
            if (request.head() != null) {
              assertThat(Arrays.compareUnsigned(last, key)).isNegative();
              last = key;
            }
            add(rows, key, (Long) row[1]);
          }
        }
      }
      assertThat(tailRows).isLessThanOrEqualTo(view.tailRows());
      return covered;
    }
  }

  private void read(SegmentView view, KeyRange range, TreeMap<Long, Long> rows) {
    SegmentReader segment = open(view);
    for (int group = 0; group < segment.rowGroups(); group++) {
      int count = segment.rowsIn(group);
      BytesVec keys = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, 0, count);
      Vec values = segment.hasColumn(VALUE) ? segment.read(VALUE, group, 0, count) : null;
      long[] timestamps = view.checkTimestamps() ? segment.timestamps(group, 0, count) : null;
      for (int i = 0; i < count; i++) {
        int row = group * SegmentReader.ROW_GROUP_ROWS + i;
        if (Arrays.binarySearch(view.deleted(), row) < 0
            && (timestamps == null || timestamps[i] <= view.visibleUpTo().value())
            && range.contains(keys.bytes(i))) {
          add(rows, keys.bytes(i), values != null && values.value(i) instanceof Long v ? v : -7L);
        }
      }
    }
  }

  private static void add(TreeMap<Long, Long> rows, byte[] key, long value) {
    long id = (Long) TableKey.decode(key, new PhysicalType[] {PhysicalType.LONG})[0];
    assertThat(rows.put(id, value)).as("key %s visible twice", id).isNull();
  }

  @Test
  public void commitsAreSeenFromTheirTimestampOn() {
    Timestamp before = now();
    Timestamp first =
        commit(before, write(WriteKind.INSERT, 1, 10), write(WriteKind.INSERT, 2, 20)).timestamp();
    Timestamp second = commit(now(), write(WriteKind.DELETE, 1, 0)).timestamp();
    assertThat(second).isGreaterThan(first);
    List<byte[]> keys = List.of(key(2), key(1), key(3));
    assertThat(service().get(SHARD, before, keys, soon())).containsExactly(null, null, null);
    assertThat(service().get(SHARD, first, keys, soon())).containsExactly(row(20), row(10), null);
    assertThat(service().get(SHARD, second, keys, soon())).containsExactly(row(20), null, null);
    assertThat(service().get(SHARD, second, List.of(), soon())).isEmpty();
    assertThat(scan(before, ALL)).isEmpty();
    assertThat(scan(first, ALL)).isEqualTo(new TreeMap<>(java.util.Map.of(1L, 10L, 2L, 20L)));
    assertThat(scan(second, ALL)).isEqualTo(new TreeMap<>(java.util.Map.of(2L, 20L)));
    assertThat(service().sizeOf(SHARD, TABLE, soon()).rows()).isEqualTo(1);
  }

  @Test
  public void headsMakeUpTheRangeFromEitherEnd() {
    for (long id = 0; id < 40; id++) {
      commit(now(), write(WriteKind.INSERT, id, id));
    }
    for (long id = 0; id < 40; id += 3) {
      commit(now(), write(id % 2 == 0 ? WriteKind.DELETE : WriteKind.PUT, id, -id));
    }
    Timestamp snapshot = now();
    commit(now(), write(WriteKind.PUT, 41, 41));
    var range = new KeyRange(key(3), key(38));
    TreeMap<Long, Long> all = scan(snapshot, range);
    for (boolean last : new boolean[] {false, true}) {
      var rows = new TreeMap<Long, Long>();
      KeyRange rest = range;
      while (rest != null) {
        var found = new TreeMap<Long, Long>();
        var head = new Head(4, last);
        KeyRange covered =
            scan(new ReadRequest(SHARD, snapshot, rest, COLUMNS, head, List.of()), found);
        assertThat(covered == null || rest.contains(covered)).isTrue();
        assertThat(covered == null || found.size() >= 4).isTrue();
        rows.putAll(found);
        rest = covered == null ? null : beyond(rest, covered, last);
      }
      assertThat(rows).isEqualTo(all);
    }
    assertCode(ErrorCode.INVALID_PARAMETER_VALUE, () -> new Head(0, false));
  }

  @Test
  public void noRowThatMeetsTheConditionsIsLeftOut() {
    for (long id = 0; id < 40; id++) {
      commit(now(), write(WriteKind.INSERT, id, id % 7));
    }
    var value = new Expr.Column(1, SqlType.BIGINT);
    List<Expr> conditions =
        List.of(
            new Expr.Call(Fn.GT, List.of(value, literal(2)), SqlType.BOOLEAN),
            new Expr.Call(
                Fn.EQ,
                List.of(
                    literal(1),
                    new Expr.Call(Fn.MODULO, List.of(value, literal(2)), SqlType.BIGINT)),
                SqlType.BOOLEAN),
            new Expr.Call(
                Fn.LT, List.of(new Expr.Column(9, SqlType.BIGINT), value), SqlType.BOOLEAN));
    Timestamp snapshot = now();
    var found = new TreeMap<Long, Long>();
    scan(new ReadRequest(SHARD, snapshot, ALL, COLUMNS, null, conditions), found);
    TreeMap<Long, Long> all = scan(snapshot, ALL);
    assertThat(all.entrySet()).containsAll(found.entrySet());
    all.values().removeIf(v -> v <= 2 || v % 2 == 0);
    assertThat(found.entrySet()).containsAll(all.entrySet());
  }

  private static Expr literal(long value) {
    return new Expr.Literal(value, SqlType.BIGINT);
  }

  private static KeyRange beyond(KeyRange range, KeyRange covered, boolean last) {
    if (last) {
      assertThat(covered.endExclusive()).isEqualTo(range.endExclusive());
      return new KeyRange(range.startInclusive(), covered.startInclusive());
    }
    assertThat(covered.startInclusive()).isEqualTo(range.startInclusive());
    return new KeyRange(Objects.requireNonNull(covered.endExclusive()), range.endExclusive());
  }

  @Test
  public void conflictsAndBadRequestsHaveTheirCodes() {
    Timestamp old = now();
    commit(old, write(WriteKind.PUT, 1, 10));
    assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> commit(old, write(WriteKind.PUT, 1, 11)));
    assertCode(
        ErrorCode.SERIALIZATION_FAILURE,
        () ->
            service()
                .commit(
                    new CommitRequest(
                        SHARD, id(), old, List.of(write(WriteKind.PUT, 5, 5)), List.of(key(1))),
                    soon()));
    assertThatThrownBy(() -> commit(now(), write(WriteKind.INSERT, 1, 12)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(DuplicateKeys.keyOf(e).orElseThrow()).isEqualTo(key(1)));
    assertCode(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () -> service().get(SHARD, Timestamp.MAX, List.of(key(1)), soon()));
    ShardId nobody = ShardId.root(new DatabaseId("nobody"));
    assertCode(ErrorCode.INVALID_CATALOG_NAME, () -> service().snapshot(nobody, soon()));
    assertCode(
        ErrorCode.INVALID_CATALOG_NAME,
        () -> service().openView(new ReadRequest(nobody, old, ALL, COLUMNS), soon()));
    Deadline passed = new Deadline(System.nanoTime() - 1);
    assertCode(ErrorCode.QUERY_CANCELED, () -> service().snapshot(SHARD, passed));
    assertCode(
        ErrorCode.QUERY_CANCELED,
        () -> service().openView(new ReadRequest(SHARD, old, ALL, COLUMNS), passed));
    assertThat(scan(now(), ALL)).isEqualTo(new TreeMap<>(java.util.Map.of(1L, 10L)));
  }

  @Test
  public void theCatalogVersionMovesWithCatalogKeysOnly() {
    Timestamp empty = service().snapshot(SHARD, soon()).catalogVersion();
    commit(now(), write(WriteKind.PUT, 1, 1));
    assertThat(service().snapshot(SHARD, soon()).catalogVersion()).isEqualTo(empty);
    byte[] catalogKey = TableKey.encodeRowId(TableDescriptor.FIRST_USER_TABLE_ID - 1, 1);
    Timestamp changed = commit(now(), new Write(catalogKey, WriteKind.PUT, row(1))).timestamp();
    assertThat(service().snapshot(SHARD, soon()).catalogVersion()).isEqualTo(changed);
    assertThat(service().catalogVersionAt(SHARD, changed, soon())).isEqualTo(changed);
    assertThat(service().catalogVersionAt(SHARD, new Timestamp(changed.value() - 1), soon()))
        .isEqualTo(empty);
    var onOld = List.of(write(WriteKind.INSERT, 2, 2));
    assertCode(
        ErrorCode.SERIALIZATION_FAILURE,
        () ->
            service()
                .commit(new CommitRequest(SHARD, id(), changed, onOld, List.of(), empty), soon()));
    service().commit(new CommitRequest(SHARD, id(), changed, onOld, List.of(), changed), soon());
    assertThat(scan(now(), ALL)).containsOnlyKeys(1L, 2L);
  }

  @Test
  public void everyTypeCrossesWithItsNullsAndMissingValues() {
    PhysicalType[] types = PhysicalType.values();
    int[] ids = {3, 4, 5, 6, 7, 8};
    BigInteger wide = BigInteger.ONE.shiftLeft(126).negate().add(BigInteger.TEN);
    @Nullable Object[][] rows = {
      {true, Integer.MIN_VALUE, Long.MAX_VALUE, wide, -0.0, new byte[] {0, -1}},
      {null, null, null, null, null, null},
      {false, 5, -6L, BigInteger.TWO, Double.NaN, new byte[0]},
    };
    var writes = new ArrayList<Write>();
    for (int i = 0; i < rows.length; i++) {
      writes.add(new Write(key(i), WriteKind.PUT, RowCodec.encode(new Row(ids, types, rows[i]))));
    }
    commit(now(), writes.toArray(Write[]::new));
    commit(now(), write(WriteKind.PUT, 3, 9));
    @Nullable Object[] missing = {false, 77, -1L, BigInteger.valueOf(-128), 0.5, new byte[] {1}};
    var columns = new ArrayList<ColumnRequest>();
    for (int c = ids.length - 1; c >= 0; c--) {
      columns.add(new ColumnRequest(ids[c], types[c], missing[c]));
    }
    var found = new ArrayList<@Nullable Object[]>();
    try (ReadView view = service().openView(new ReadRequest(SHARD, now(), ALL, columns), soon());
        BatchSource tail = view.tail()) {
      assertThat(view.segments()).isEmpty();
      for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
        found.addAll(RowBatches.rows(batch));
      }
    }
    assertThat(found).hasSize(4);
    for (int i = 0; i < 4; i++) {
      @Nullable Object[] expected = i == 3 ? missing : rows[i];
      for (int c = 0; c < ids.length; c++) {
        assertThat(found.get(i)[ids.length - 1 - c])
            .as("row %s column %s", i, c)
            .isEqualTo(expected[c]);
      }
    }
  }

  @Test
  public void longTailsAndManyKeysArriveWhole() {
    int rows = 9_000;
    for (int from = 0; from < rows; from += 3_000) {
      commit(
          now(),
          LongStream.range(from, from + 3_000)
              .mapToObj(n -> write(WriteKind.PUT, n, n * 2))
              .toArray(Write[]::new));
    }
    byte[] large = new byte[3 << 20];
    Arrays.fill(large, (byte) 7);
    byte[] largeRow =
        RowCodec.encode(
            new Row(new int[] {9}, new PhysicalType[] {PhysicalType.BYTES}, new Object[] {large}));
    commit(now(), new Write(key(rows), WriteKind.PUT, largeRow));
    Timestamp at = now();
    assertThat(scan(at, ALL)).hasSize(rows + 1).containsEntry(8_999L, 17_998L);
    assertThat(scan(at, new KeyRange(key(10), key(20)))).hasSize(10).containsEntry(19L, 38L);
    assertThat(scan(at, new KeyRange(key(rows), null))).hasSize(1);
    List<byte[]> keys = LongStream.rangeClosed(0, rows).mapToObj(n -> key(rows - n)).toList();
    List<byte @Nullable []> got = service().get(SHARD, at, keys, soon());
    assertThat(got).hasSize(rows + 1);
    assertThat(got.getFirst()).isEqualTo(largeRow);
    assertThat(got.getLast()).isEqualTo(row(0));
    // One that is left in the middle does not keep others from reading.
    for (int i = 0; i < 20; i++) {
      ReadView view = service().openView(new ReadRequest(SHARD, at, ALL, COLUMNS), soon());
      BatchSource tail = view.tail();
      assertThat(tail.next()).isNotNull();
      tail.close();
      view.close();
    }
    assertThat(scan(at, ALL)).hasSize(rows + 1);
  }

  private static BulkRequest load(Timestamp snapshot, byte[]... guards) {
    var columns =
        List.of(
            KEY,
            new ColumnRequest(5, PhysicalType.BYTES, null),
            new ColumnRequest(VALUE, PhysicalType.LONG, null));
    return new BulkRequest(SHARD, id(), snapshot, TABLE, columns, List.of(guards), false);
  }

  /** Every second row is the load's, by a selection. */
  private static Batch batch(long... keys) {
    var rows = new ArrayList<@Nullable Object[]>();
    int[] selection = new int[keys.length];
    for (int i = 0; i < keys.length; i++) {
      rows.add(new Object[] {key(-1), new byte[] {1}, 0L});
      rows.add(new Object[] {key(keys[i]), null, keys[i] * 10});
      selection[i] = 2 * i + 1;
    }
    var types = List.of(PhysicalType.BYTES, PhysicalType.BYTES, PhysicalType.LONG);
    return RowBatches.of(types, rows).select(selection, keys.length);
  }

  @Test
  public void aBulkLoadIsSeenAsAWholeOrNotAtAll() {
    BulkRequest request = load(now());
    Timestamp loaded;
    try (BulkLoad load = service().beginBulk(request, soon())) {
      for (int from = 0; from < 3_000; from += 500) {
        load.append(batch(LongStream.range(from, from + 500).toArray()), soon());
      }
      assertThat(load.rows()).isEqualTo(3_000);
      assertThat(scan(now(), ALL)).isEmpty();
      loaded = load.commit(soon()).timestamp();
    }
    assertThat(scan(new Timestamp(loaded.value() - 1), ALL)).isEmpty();
    assertThat(scan(loaded, ALL)).hasSize(3_000).containsEntry(2_999L, 29_990L);
    assertThat(service().status(SHARD, request.transaction(), soon()))
        .isEqualTo(TransactionStatus.COMMITTED);

    try (BulkLoad dropped = service().beginBulk(load(now()), soon())) {
      dropped.append(batch(5_000), soon());
    }
    try (BulkLoad duplicate = service().beginBulk(load(now()), soon())) {
      duplicate.append(batch(5_001, 7), soon());
      assertThatThrownBy(() -> duplicate.commit(soon()))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(DuplicateKeys.keyOf(e).orElseThrow()).isEqualTo(key(7)));
    }
    Timestamp old = now();
    commit(now(), write(WriteKind.PUT, 1, 1));
    try (BulkLoad guarded = service().beginBulk(load(old, key(1)), soon())) {
      guarded.append(batch(5_002), soon());
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> guarded.commit(soon()));
    }
    assertThat(scan(now(), ALL)).hasSize(3_000).containsEntry(1L, 1L);
  }

  @Test
  public void aStatusIsForGood() {
    CommitRequest done = request(now(), write(WriteKind.PUT, 1, 1));
    CommitResult result = service().commit(done, soon());
    assertThat(service().status(SHARD, done.transaction(), soon()))
        .isEqualTo(TransactionStatus.COMMITTED);
    assertThat(service().commit(done, soon())).isEqualTo(result);

    CommitRequest late = request(now(), write(WriteKind.PUT, 2, 2));
    for (int i = 0; i < 2; i++) {
      assertThat(service().status(SHARD, late.transaction(), soon()))
          .isEqualTo(TransactionStatus.ABORTED);
      assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> service().commit(late, soon()));
    }
    assertThat(scan(now(), ALL)).isEqualTo(new TreeMap<>(java.util.Map.of(1L, 1L)));
  }
}

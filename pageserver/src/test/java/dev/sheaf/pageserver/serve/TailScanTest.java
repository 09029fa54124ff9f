package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scans of what is in memory, in any order and by key, against the same rows read one by one with
 * {@link RowCodec}: all types, NULLs, columns that rows lack, replaced and deleted rows, past
 * timestamps, several memtables, segments below.
 */
final class TailScanTest {
  private static final int SEEDS = Integer.getInteger("sheaf.tail.seeds", 4);
  private static final int COMMITS = 50;
  private static final int KEYS = 2500;
  private static final PhysicalType[] TYPES = PhysicalType.values();
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);

  @TempDir Path scratch;

  private Random random;

  /** Row bytes by key, after each commit. */
  private final TreeMap<Timestamp, TreeMap<Long, byte[]>> history = new TreeMap<>();

  @Test
  void readsWhatTheRowsSayOneByOne() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      random = new Random(seed);
      history.clear();
      history.put(Timestamp.ZERO, new TreeMap<>());
      var harness = new Harness(scratch.resolve("seed" + seed));
      // Some flush beside the commits, which makes several memtables.
      long memtable = seed % 2 == 0 ? 1L << 30 : 300_000;
      try (PageServer server =
          harness.start(new PageServerConfig(memtable, 4L << 30, 4096, 2, 1L << 20, 10_000))) {
        for (int n = 0; n < COMMITS; n++) {
          commit(server);
          if (n % 5 == 4) {
            check(harness, server, history.lastKey());
            check(harness, server, someTime());
          }
          if (random.nextInt(25) == 0) {
            server.release(SHARD, soon());
          }
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private Timestamp someTime() {
    List<Timestamp> times = List.copyOf(history.keySet());
    return times.get(1 + random.nextInt(times.size() - 1));
  }

  private void commit(PageServer server) {
    Timestamp snapshot = Harness.now(server);
    var rows = new TreeMap<>(history.lastEntry().getValue());
    var writes = new TreeMap<Long, Write>();
    int count = 1 + random.nextInt(400);
    while (writes.size() < count) {
      long id = random.nextInt(KEYS);
      if (writes.containsKey(id)) {
        continue;
      }
      int dice = random.nextInt(10);
      if (dice < 2) {
        // Also of keys that are not there.
        writes.put(id, new Write(key(id), WriteKind.DELETE, null));
        rows.remove(id);
        continue;
      }
      byte[] row = row();
      boolean insert = dice < 6 && !rows.containsKey(id);
      writes.put(id, new Write(key(id), insert ? WriteKind.INSERT : WriteKind.PUT, row));
      rows.put(id, row);
    }
    Timestamp at =
        Harness.commit(server, snapshot, writes.values().toArray(Write[]::new)).timestamp();
    history.put(at, rows);
  }

  /** Column id c + 1 has the type of ordinal c; some columns are absent, some NULL. */
  private byte[] row() {
    int[] present = IntStream.range(0, TYPES.length).filter(c -> random.nextInt(8) > 0).toArray();
    return RowCodec.encode(
        new Row(
            Arrays.stream(present).map(c -> c + 1).toArray(),
            Arrays.stream(present).mapToObj(c -> TYPES[c]).toArray(PhysicalType[]::new),
            Arrays.stream(present)
                .mapToObj(c -> random.nextInt(6) == 0 ? null : value(TYPES[c]))
                .toArray()));
  }

  private Object value(PhysicalType type) {
    return switch (type) {
      case BOOL -> random.nextBoolean();
      case INT -> random.nextInt() >> random.nextInt(32);
      case LONG -> random.nextLong() >> random.nextInt(64);
      case INT128 -> new BigInteger(127, random).shiftRight(random.nextInt(127)).negate();
      case DOUBLE -> random.nextInt(9) == 0 ? Double.NaN : random.nextGaussian();
      case BYTES -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        yield bytes;
      }
    };
  }

  private void check(Harness harness, PageServer server, Timestamp at) {
    for (Head head :
        Arrays.asList(null, Head.ALL, new Head(1 + random.nextInt(200), random.nextBoolean()))) {
      List<ColumnRequest> columns = someColumns();
      KeyRange range =
          random.nextInt(3) == 0
              ? new KeyRange(key(random.nextInt(KEYS / 2)), key(KEYS / 2 + random.nextInt(KEYS)))
              : ALL;
      var request = new ReadRequest(SHARD, at, range, columns, head, List.of());
      var found = new TreeMap<Long, List<String>>();
      KeyRange covered = read(harness, server, request, found);
      assertThat(found).isEqualTo(expected(request, covered));
    }
  }

  /** Some of all columns, each perhaps twice, after the key. */
  private List<ColumnRequest> someColumns() {
    var columns = new ArrayList<ColumnRequest>();
    columns.add(new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null));
    for (int n = random.nextInt(8); n > 0; n--) {
      int c = random.nextInt(TYPES.length);
      Object missing = random.nextInt(3) == 0 ? null : value(TYPES[c]);
      columns.add(new ColumnRequest(c + 1, TYPES[c], missing));
    }
    return columns;
  }

  private TreeMap<Long, List<String>> expected(ReadRequest request, KeyRange covered) {
    var expected = new TreeMap<Long, List<String>>();
    history
        .get(request.snapshot())
        .forEach((id, bytes) -> {
          if (!covered.contains(key(id))) {
            return;
          }
          Row row = RowCodec.decode(bytes);
          var values = new ArrayList<String>();
          for (ColumnRequest column : request.columns().subList(1, request.columns().size())) {
            int index = row.indexOf(column.columnId());
            values.add(text(index < 0 ? column.missingValue() : row.values()[index]));
          }
          expected.put(id, values);
        });
    return expected;
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
  }

  /** Also checks that no more is left out than may be. */
  private static KeyRange read(
      Harness harness, PageServer server, ReadRequest request, TreeMap<Long, List<String>> rows) {
    Head head = request.head();
    try (ReadView view = server.openView(request, soon())) {
      KeyRange part = view.covered();
      KeyRange covered = part == null ? request.range() : part;
      for (SegmentView segment : view.segments()) {
        readSegment(harness, segment, request, covered, rows);
      }
      long tailRows = 0;
      byte[] last = {};
      try (BatchSource tail = view.tail()) {
        for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
          tailRows += batch.selected();
          for (int i = 0; i < batch.selected(); i++) {
            byte[] key = (byte[]) batch.column(0).value(batch.row(i));
            if (head != null) {
              assertThat(Arrays.compareUnsigned(last, key)).isNegative();
              last = key;
            }
            add(rows, key, batch, batch.row(i));
          }
        }
      }
      assertThat(tailRows).isLessThanOrEqualTo(view.tailRows());
      if (part != null) {
        assertThat(head).isNotNull();
        assertThat(tailRows).isEqualTo(head.rows());
        if (head.last()) {
          assertThat(covered.endExclusive()).isEqualTo(request.range().endExclusive());
        } else {
          assertThat(covered.startInclusive()).isEqualTo(request.range().startInclusive());
        }
      }
      return covered;
    }
  }

  private static void readSegment(
      Harness harness,
      SegmentView view,
      ReadRequest request,
      KeyRange range,
      TreeMap<Long, List<String>> rows) {
    SegmentReader segment = harness.segments.open(view.objectKey(), view.sizeBytes());
    for (int group = 0; group < segment.rowGroups(); group++) {
      int count = segment.rowsIn(group);
      long[] timestamps = view.checkTimestamps() ? segment.timestamps(group, 0, count) : null;
      List<@Nullable Vec> vectors = new ArrayList<>();
      for (ColumnRequest c : request.columns()) {
        boolean there = c.columnId() == ColumnRequest.KEY_COLUMN || segment.hasColumn(c.columnId());
        vectors.add(there ? segment.read(c.columnId(), group, 0, count) : null);
      }
      for (int i = 0; i < count; i++) {
        int number = group * SegmentReader.ROW_GROUP_ROWS + i;
        byte[] key = (byte[]) vectors.getFirst().value(i);
        if (Arrays.binarySearch(view.deleted(), number) < 0
            && (timestamps == null || timestamps[i] <= view.visibleUpTo().value())
            && range.contains(key)) {
          var values = new ArrayList<String>();
          for (int c = 1; c < vectors.size(); c++) {
            Vec vector = vectors.get(c);
            values.add(
                text(vector == null ? request.columns().get(c).missingValue() : vector.value(i)));
          }
          put(rows, key, values);
        }
      }
    }
  }

  private static void add(TreeMap<Long, List<String>> rows, byte[] key, Batch batch, int row) {
    var values = new ArrayList<String>();
    for (int c = 1; c < batch.columns().length; c++) {
      values.add(text(batch.column(c).value(row)));
    }
    put(rows, key, values);
  }

  private static void put(TreeMap<Long, List<String>> rows, byte[] key, List<String> values) {
    long id = (Long) TableKey.decode(key, new PhysicalType[] {PhysicalType.LONG})[0];
    assertThat(rows.put(id, values)).as("a row of key " + id + " that was read before").isNull();
  }

  @Test
  void aColumnOfAnotherTypeIsRefusedInAnyOrder() {
    random = new Random(1);
    var harness = new Harness(scratch);
    try (PageServer server = harness.start()) {
      var writes = new ArrayList<Write>();
      for (long id = 0; id < KEYS; id++) {
        writes.add(Harness.write(WriteKind.INSERT, id, id));
      }
      Harness.commit(server, Harness.now(server), writes.toArray(Write[]::new));
      for (Head head : Arrays.asList(null, Head.ALL)) {
        var columns = List.of(new ColumnRequest(2, PhysicalType.DOUBLE, null));
        var request = new ReadRequest(SHARD, Harness.now(server), ALL, columns, head, List.of());
        try (ReadView view = server.openView(request, soon());
            BatchSource tail = view.tail()) {
          assertThatThrownBy(tail::next)
              .isInstanceOfSatisfying(
                  SheafException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.DATATYPE_MISMATCH));
        }
      }
    }
  }
}

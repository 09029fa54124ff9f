package dev.sheaf.compute.fake;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
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
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * One shard in memory: versions by key and timestamp, validated as an owner would. Rows lie in the
 * tail until {@link #flush} moves them into segments. Faults: {@link #loseNextCommitAnswer}.
 */
public final class FakeShardService implements ShardService {
  private final NavigableMap<byte[], NavigableMap<Long, Version>> versions =
      new TreeMap<>(TableKey::compare);
  private final Map<String, MemorySegment> segments = new HashMap<>();
  private final Map<TransactionId, TransactionStatus> outcomes = new HashMap<>();
  private final LongSupplier millis;
  private long lastTimestamp;
  private long catalogChanged;
  private int openViews;
  private int openLoads;
  private int commits;
  private int snapshots;
  private LostAnswer lost = LostAnswer.NONE;

  /** What happens to the next commit whose answer gets lost. */
  public enum LostAnswer {
    NONE,
    COMMITTED,
    ABORTED,
    FOREVER_UNKNOWN
  }

  /** {@code row} null = deleted; {@code segment} null = in the tail. */
  private static final class Version {
    final byte[] row;
    boolean flushed;

    Version(byte[] row) {
      this.row = row;
    }
  }

  public FakeShardService(LongSupplier millis) {
    this.millis = millis;
  }

  public synchronized int openViews() {
    return openViews;
  }

  public synchronized int openLoads() {
    return openLoads;
  }

  public synchronized int commits() {
    return commits;
  }

  public synchronized int snapshots() {
    return snapshots;
  }

  public synchronized void loseNextCommitAnswer(LostAnswer answer) {
    lost = answer;
  }

  /** Moves all rows of the tail into new segments, one for each table and set of columns. */
  public synchronized void flush() {
    Map<String, List<MemorySegment.Entry>> byShape = new TreeMap<>();
    versions.forEach((key, history) ->
        history
            .descendingMap()
            .forEach((timestamp, version) -> {
              if (version.row != null && !version.flushed) {
                version.flushed = true;
                Row row = RowCodec.decode(version.row);
                String shape = TableKey.tableIdOf(key) + Arrays.toString(row.columnIds());
                byShape
                    .computeIfAbsent(shape, s -> new ArrayList<>())
                    .add(new MemorySegment.Entry(key, timestamp, row));
              }
            }));
    byShape
        .values()
        .forEach(entries -> segments.put("segment-" + segments.size(), new MemorySegment(entries)));
  }

  public synchronized MemorySegment segment(String objectKey) {
    return segments.get(objectKey);
  }

  private long nextTimestamp() {
    lastTimestamp = Math.max(lastTimestamp + 1, Timestamp.ofMillis(millis.getAsLong()).value());
    return lastTimestamp;
  }

  @Override
  public synchronized Snapshot snapshot(ShardId shard, Deadline deadline) {
    snapshots++;
    return new Snapshot(new Timestamp(nextTimestamp()), new Timestamp(catalogChanged));
  }

  @Override
  public synchronized Timestamp catalogVersionAt(
      ShardId shard, Timestamp timestamp, Deadline deadline) {
    long newest = 0;
    for (var entry : versions.headMap(userTables(), false).values()) {
      Long at = entry.floorKey(timestamp.value());
      newest = Math.max(newest, at == null ? 0 : at);
    }
    return new Timestamp(newest);
  }

  private static byte[] userTables() {
    return TableKey.prefix(TableDescriptor.FIRST_USER_TABLE_ID, 0);
  }

  private Version visible(byte[] key, long snapshot) {
    var history = versions.get(key);
    var entry = history == null ? null : history.floorEntry(snapshot);
    return entry == null ? null : entry.getValue();
  }

  @Override
  public synchronized List<byte[]> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    List<byte[]> rows = new ArrayList<>();
    for (byte[] key : keys) {
      Version version = visible(key, snapshot.value());
      rows.add(version == null ? null : version.row);
    }
    return rows;
  }

  /** Computes do not ask for it. */
  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized ReadView openView(ReadRequest request, Deadline deadline) {
    long snapshot = request.snapshot().value();
    List<SegmentView> views = new ArrayList<>();
    segments.forEach((name, segment) -> {
      int[] deleted =
          IntStream.range(0, (int) segment.rowCount())
              .filter(i ->
                  segment.entry(i).timestamp() <= snapshot
                      && versions.get(segment.entry(i).key()).floorKey(snapshot).longValue()
                          != segment.entry(i).timestamp())
              .toArray();
      views.add(
          new SegmentView(
              name, 1, segment.rowCount(), Timestamp.ZERO, request.snapshot(), true, deleted));
    });
    List<Row> rows = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    range(request.range())
        .forEach((key, history) -> {
          Version version = visible(key, snapshot);
          if (version != null && version.row != null && !version.flushed) {
            keys.add(key);
            rows.add(RowCodec.decode(version.row));
          }
        });
    openViews++;
    KeyRange covered = covered(request, keys);
    int count = covered == null ? keys.size() : request.head().rows();
    int from = covered != null && request.head().last() ? keys.size() - count : 0;
    return new FakeView(
        covered,
        views,
        request.columns(),
        keys.subList(from, from + count),
        rows.subList(from, from + count));
  }

  /** As short as may be. */
  private static KeyRange covered(ReadRequest request, List<byte[]> keys) {
    Head head = request.head();
    if (head == null || keys.size() <= head.rows()) {
      return null;
    }
    if (!head.last()) {
      return new KeyRange(request.range().startInclusive(), keys.get(head.rows()));
    }
    byte[] before = keys.get(keys.size() - head.rows() - 1);
    return new KeyRange(Arrays.copyOf(before, before.length + 1), request.range().endExclusive());
  }

  private NavigableMap<byte[], NavigableMap<Long, Version>> range(KeyRange range) {
    return range.endExclusive() == null
        ? versions.tailMap(range.startInclusive(), true)
        : versions.subMap(range.startInclusive(), true, range.endExclusive(), false);
  }

  private final class FakeView implements ReadView {
    private final KeyRange covered;
    private final List<SegmentView> segmentViews;
    private final List<ColumnRequest> columns;
    private final List<byte[]> keys;
    private final List<Row> rows;
    private boolean closed;

    FakeView(
        KeyRange covered,
        List<SegmentView> segments,
        List<ColumnRequest> columns,
        List<byte[]> keys,
        List<Row> rows) {
      this.covered = covered;
      this.segmentViews = segments;
      this.columns = columns;
      this.keys = keys;
      this.rows = rows;
    }

    @Override
    public KeyRange covered() {
      return covered;
    }

    @Override
    public List<SegmentView> segments() {
      return segmentViews;
    }

    @Override
    public BatchSource tail() {
      return new BatchSource() {
        private int next;

        @Override
        public Batch next() {
          if (next == rows.size()) {
            return null;
          }
          int end = Math.min(rows.size(), next + 1000);
          Vec[] vectors = new Vec[columns.size()];
          for (int c = 0; c < vectors.length; c++) {
            ColumnRequest column = columns.get(c);
            var builder = new VecBuilder(column.type(), end - next);
            for (int i = next; i < end; i++) {
              builder.append(
                  column.columnId() == ColumnRequest.KEY_COLUMN
                      ? keys.get(i)
                      : MemorySegment.value(rows.get(i), column));
            }
            vectors[c] = builder.build();
          }
          Batch batch = Batch.of(vectors, end - next);
          next = end;
          return batch;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public long tailRows() {
      return rows.size();
    }

    @Override
    public void close() {
      synchronized (FakeShardService.this) {
        if (!closed) {
          closed = true;
          openViews--;
        }
      }
    }
  }

  @Override
  public synchronized CommitResult commit(CommitRequest request, Deadline deadline) {
    LostAnswer answer = lost;
    lost = LostAnswer.NONE;
    commits++;
    if (answer == LostAnswer.ABORTED) {
      outcomes.put(request.transaction(), TransactionStatus.ABORTED);
      throw unknown();
    }
    long snapshot = request.snapshot().value();
    Timestamp catalog = request.catalogVersion();
    if (catalog != null && catalog.value() != catalogChanged) {
      throw new SheafException(ErrorCode.SERIALIZATION_FAILURE, "the catalog has changed");
    }
    request.guards().forEach(key -> requireUnchanged(key, snapshot));
    for (Write write : request.writes()) {
      Version live = visible(write.key(), Long.MAX_VALUE);
      if (write.kind() == WriteKind.INSERT && live != null && live.row != null) {
        throw DuplicateKeys.of(write.key());
      }
      requireUnchanged(write.key(), snapshot);
    }
    long timestamp = nextTimestamp();
    request.writes().forEach(write -> put(write.key(), timestamp, write.row()));
    if (answer == LostAnswer.FOREVER_UNKNOWN) {
      outcomes.put(request.transaction(), TransactionStatus.UNKNOWN);
      throw unknown();
    }
    outcomes.put(request.transaction(), TransactionStatus.COMMITTED);
    if (answer == LostAnswer.COMMITTED) {
      throw unknown();
    }
    return new CommitResult(new Timestamp(timestamp));
  }

  private static SheafException unknown() {
    return new SheafException(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, "the answer was lost");
  }

  private void requireUnchanged(byte[] key, long snapshot) {
    var history = versions.get(key);
    if (history != null && history.lastKey() > snapshot) {
      throw new SheafException(ErrorCode.SERIALIZATION_FAILURE, "a concurrent transaction won");
    }
  }

  private void put(byte[] key, long timestamp, byte[] row) {
    versions.computeIfAbsent(key, k -> new TreeMap<>()).put(timestamp, new Version(row));
    if (Arrays.compareUnsigned(key, userTables()) < 0) {
      catalogChanged = timestamp;
    }
  }

  @Override
  public synchronized BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    openLoads++;
    return new FakeLoad(request);
  }

  private final class FakeLoad implements BulkLoad {
    private final BulkRequest request;
    private final NavigableMap<byte[], byte[]> loaded = new TreeMap<>(TableKey::compare);
    private boolean closed;

    FakeLoad(BulkRequest request) {
      this.request = request;
    }

    @Override
    public void append(Batch batch, Deadline deadline) {
      List<ColumnRequest> columns = request.columns().subList(1, request.columns().size());
      for (int i = 0; i < batch.selected(); i++) {
        int row = batch.row(i);
        var stored =
            new Row(
                columns.stream().mapToInt(ColumnRequest::columnId).toArray(),
                columns.stream()
                    .map(ColumnRequest::type)
                    .toArray(dev.sheaf.protocol.type.PhysicalType[]::new),
                IntStream.rangeClosed(1, columns.size())
                    .mapToObj(c -> batch.column(c).value(row))
                    .toArray());
        byte[] key = (byte[]) batch.column(0).value(row);
        if (loaded.put(key, RowCodec.encode(stored)) != null) {
          throw DuplicateKeys.of(key);
        }
      }
    }

    @Override
    public CommitResult commit(Deadline deadline) {
      synchronized (FakeShardService.this) {
        long snapshot = request.snapshot().value();
        request.guards().forEach(key -> requireUnchanged(key, snapshot));
        for (byte[] key : loaded.keySet()) {
          Version live = visible(key, Long.MAX_VALUE);
          if (live != null && live.row != null) {
            throw DuplicateKeys.of(key);
          }
        }
        long timestamp = nextTimestamp();
        loaded.forEach((key, row) -> put(key, timestamp, row));
        outcomes.put(request.transaction(), TransactionStatus.COMMITTED);
        return new CommitResult(new Timestamp(timestamp));
      }
    }

    @Override
    public long rows() {
      return loaded.size();
    }

    @Override
    public void close() {
      synchronized (FakeShardService.this) {
        if (!closed) {
          closed = true;
          openLoads--;
        }
      }
    }
  }

  @Override
  public synchronized TransactionStatus status(
      ShardId shard, TransactionId transaction, Deadline deadline) {
    return outcomes.getOrDefault(transaction, TransactionStatus.UNKNOWN);
  }

  @Override
  public synchronized TableSize sizeOf(ShardId shard, int tableId, Deadline deadline) {
    return new TableSize(range(KeyRange.ofTable(tableId)).size(), 0);
  }
}

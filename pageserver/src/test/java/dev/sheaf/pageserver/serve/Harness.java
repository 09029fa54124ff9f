package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.segment.StoredRanges;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A page server over stores in memory that outlive it, and readers as a compute would have. */
final class Harness {
  static final int TABLE = 1000;
  static final ShardId SHARD = ShardId.root(new DatabaseId("db"));
  static final PageServerConfig SMALL =
      new PageServerConfig(1L << 30, 4L << 30, 4096, 2, 1L << 20, 10_000);
  static final PageServerConfig ROOMY =
      new PageServerConfig(1L << 30, 4L << 30, 4096, 2, 16L << 20, 10_000);

  final FaultyObjects objects = new FaultyObjects(new MemoryObjectStore());
  final EmbeddedCoordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, Thread::startVirtualThread);
  final Map<ShardId, MemoryShardLog.Store> logs = new ConcurrentHashMap<>();
  final Segments segments = new Segments(objects::getRange, new BlockCache(64L << 20));
  private final Path scratch;
  private int nodes;

  /** Objects that other shards need. */
  volatile References references = References.NONE;

  /** What the page servers are asked to keep. */
  volatile ReadableTimes retention = ReadableTimes.EVERYTHING;

  /** Runs what fetches hot pages; without it page servers leave no lists of them. */
  volatile @Nullable Executor warming;

  /** How far the page servers' clock has been put forward. */
  volatile long aheadNanos;

  /** Of shards that have something of their own to keep. */
  final Map<ShardId, ReadableTimes> retentions = new ConcurrentHashMap<>();

  Harness(Path scratch) {
    this.scratch = scratch;
  }

  PageServer start() {
    return start(SMALL);
  }

  PageServer start(PageServerConfig config) {
    LongSupplier nanos = () -> System.nanoTime() + aheadNanos;
    var cache = new BlockCache(16L << 20);
    var opened = new Segments(new StoredRanges(objects), cache);
    Optional<WarmUps> warmUps =
        Optional.ofNullable(warming).map(executor -> new WarmUps(opened, cache, executor, nanos));
    return new PageServer(
        new PageServerPorts(
            coordination,
            objects,
            new SegmentStore(objects, opened, scratch.resolve("s" + nodes)),
            id -> new MemoryShardLog(log(id)),
            id -> id.database().value().startsWith("db"),
            "node" + nodes++,
            System::currentTimeMillis,
            nanos,
            Thread::startVirtualThread,
            shard -> retentions.getOrDefault(shard, retention),
            (shard, keys) -> references.needed(shard, keys),
            warmUps),
        config);
  }

  MemoryShardLog.Store log(ShardId id) {
    return logs.computeIfAbsent(id, k -> new MemoryShardLog.Store());
  }

  static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  static byte[] key(long n) {
    return TableKey.encodeRowId(TABLE, n);
  }

  static byte[] row(long value) {
    return RowCodec.encode(
        new Row(new int[] {2}, new PhysicalType[] {PhysicalType.LONG}, new Object[] {value}));
  }

  static long value(byte @Nullable [] row) {
    return (Long) RowCodec.decode(row).values()[0];
  }

  static TransactionId id() {
    return new TransactionId(UUID.randomUUID());
  }

  static Write write(WriteKind kind, long key, long value) {
    return new Write(key(key), kind, kind == WriteKind.DELETE ? null : row(value));
  }

  static Timestamp now(PageServer server) {
    return now(server, SHARD);
  }

  static Timestamp now(PageServer server, ShardId shard) {
    return server.snapshot(shard, soon()).timestamp();
  }

  static CommitResult commit(PageServer server, Timestamp snapshot, Write... writes) {
    return commit(server, SHARD, snapshot, writes);
  }

  static CommitResult commit(
      PageServer server, ShardId shard, Timestamp snapshot, Write... writes) {
    return server.commit(
        new CommitRequest(shard, id(), snapshot, Arrays.asList(writes), List.of()), soon());
  }

  /** All rows of the key range as a compute sees them: segments masked, then the tail. */
  TreeMap<Long, Long> scan(PageServer server, Timestamp snapshot, KeyRange range) {
    return scan(server, SHARD, snapshot, range);
  }

  TreeMap<Long, Long> scan(PageServer server, ShardId shard, Timestamp snapshot, KeyRange range) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, -7L));
    var rows = new TreeMap<Long, Long>();
    try (ReadView view =
        server.openView(new ReadRequest(shard, snapshot, range, columns), soon())) {
      view.segments().forEach(segment -> read(segment, range, rows));
      int tailRows = 0;
      try (BatchSource tail = view.tail()) {
        for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
          tailRows += batch.selected();
          for (int i = 0; i < batch.selected(); i++) {
            int row = batch.row(i);
            add(rows, ((BytesVec) batch.column(0)).bytes(row), (Long) batch.column(1).value(row));
          }
        }
      }
      if (tailRows > view.tailRows()) {
        throw new AssertionError(tailRows + " rows in a tail of at most " + view.tailRows());
      }
    }
    return rows;
  }

  private void read(SegmentView view, KeyRange range, TreeMap<Long, Long> rows) {
    SegmentReader segment = segments.open(view.objectKey(), view.sizeBytes());
    int[] deleted = view.deleted();
    for (int group = 0; group < segment.rowGroups(); group++) {
      int count = segment.rowsIn(group);
      BytesVec keys = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, 0, count);
      @Nullable Vec values =
          segment.hasColumn(2) ? (LongVec) segment.read(2, group, 0, count) : null;
      long[] timestamps = view.checkTimestamps() ? segment.timestamps(group, 0, count) : null;
      for (int i = 0; i < count; i++) {
        byte[] key = keys.bytes(i);
        int row = group * SegmentReader.ROW_GROUP_ROWS + i;
        boolean visible =
            Arrays.binarySearch(deleted, row) < 0
                && (timestamps == null || timestamps[i] <= view.visibleUpTo().value());
        if (!view.checkRange() && !range.contains(key)) {
          throw new AssertionError("a row out of range where none should be");
        }
        if (visible && range.contains(key)) {
          add(rows, key, values == null ? -7L : (Long) values.value(i));
        }
      }
    }
  }

  private static void add(TreeMap<Long, Long> rows, byte[] key, long value) {
    long id = (Long) TableKey.decode(key, new PhysicalType[] {PhysicalType.LONG})[0];
    if (rows.put(id, value) != null) {
      throw new AssertionError("key " + id + " is visible twice");
    }
  }
}

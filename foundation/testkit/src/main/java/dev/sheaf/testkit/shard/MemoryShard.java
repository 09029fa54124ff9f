package dev.sheaf.testkit.shard;

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
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import dev.sheaf.rpc.shard.ShardService.TableSize;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a shard holds, as a model: versions by key and timestamp, and what became of transactions.
 * Thread-safe.
 */
public final class MemoryShard {
  private final NavigableMap<byte[], TreeMap<Long, Optional<byte[]>>> versions =
      new TreeMap<>(TableKey::compare);
  private final Map<TransactionId, Timestamp> committed = new HashMap<>();
  private final Set<TransactionId> aborted = new HashSet<>();
  private final TreeMap<Long, Boolean> catalogChanges = new TreeMap<>();
  private final LongSupplier millis;
  private long last;

  /**
   * @param millis since the epoch
   */
  public MemoryShard(LongSupplier millis) {
    this.millis = millis;
  }

  private long draw() {
    last = Math.max(last + 1, Timestamp.ofMillis(millis.getAsLong()).value());
    return last;
  }

  synchronized Snapshot snapshot() {
    var timestamp = new Timestamp(draw());
    return new Snapshot(timestamp, catalogVersionAt(timestamp));
  }

  synchronized Timestamp catalogVersionAt(Timestamp timestamp) {
    checkIssued(timestamp);
    Long change = catalogChanges.floorKey(timestamp.value());
    return change == null ? Timestamp.ZERO : new Timestamp(change);
  }

  private void checkIssued(Timestamp snapshot) {
    if (snapshot.value() > last) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "timestamp " + snapshot + " is in the future");
    }
  }

  synchronized List<byte @Nullable []> get(Timestamp snapshot, List<byte[]> keys) {
    checkIssued(snapshot);
    var rows = new ArrayList<byte @Nullable []>();
    keys.forEach(key -> rows.add(visible(key, snapshot.value())));
    return rows;
  }

  private byte @Nullable [] visible(byte[] key, long snapshot) {
    var history = versions.get(key);
    var version = history == null ? null : history.floorEntry(snapshot);
    return version == null ? null : version.getValue().orElse(null);
  }

  synchronized List<@Nullable Object[]> rows(ReadRequest request) {
    checkIssued(request.snapshot());
    var rows = new ArrayList<@Nullable Object[]>();
    for (byte[] key : keys(request.range())) {
      byte[] bytes = visible(key, request.snapshot().value());
      if (bytes != null) {
        Row row = RowCodec.decode(bytes);
        rows.add(request.columns().stream().map(c -> value(c, key, row)).toArray());
      }
    }
    return rows;
  }

  private Set<byte[]> keys(KeyRange range) {
    byte[] end = range.endExclusive();
    return (end == null
            ? versions.tailMap(range.startInclusive(), true)
            : versions.subMap(range.startInclusive(), true, end, false))
        .keySet();
  }

  private static @Nullable Object value(ColumnRequest column, byte[] key, Row row) {
    if (column.columnId() == ColumnRequest.KEY_COLUMN) {
      return key;
    }
    int at = row.indexOf(column.columnId());
    return at < 0 ? column.missingValue() : row.values()[at];
  }

  synchronized CommitResult commit(CommitRequest request) {
    checkIssued(request.snapshot());
    Timestamp before = begin(request.transaction());
    if (before != null) {
      return new CommitResult(before);
    }
    long snapshot = request.snapshot().value();
    requireCatalog(request.catalogVersion());
    request.guards().forEach(key -> requireUnchanged(key, snapshot));
    for (Write write : request.writes()) {
      if (write.kind() == WriteKind.INSERT && visible(write.key(), Long.MAX_VALUE) != null) {
        throw DuplicateKeys.of(write.key());
      }
      requireUnchanged(write.key(), snapshot);
    }
    long timestamp = draw();
    request.writes().forEach(write -> put(write.key(), timestamp, write.row()));
    committed.put(request.transaction(), new Timestamp(timestamp));
    return new CommitResult(new Timestamp(timestamp));
  }

  private @Nullable Timestamp begin(TransactionId transaction) {
    if (aborted.contains(transaction)) {
      throw new SheafException(
          ErrorCode.SERIALIZATION_FAILURE,
          "transaction " + transaction + " has been declared aborted");
    }
    return committed.get(transaction);
  }

  private void requireCatalog(@Nullable Timestamp version) {
    if (version != null && !version.equals(catalogVersionAt(new Timestamp(last)))) {
      throw new SheafException(ErrorCode.SERIALIZATION_FAILURE, "the catalog has changed");
    }
  }

  private void requireUnchanged(byte[] key, long snapshot) {
    var history = versions.get(key);
    if (history != null && history.lastKey() > snapshot) {
      throw new SheafException(
          ErrorCode.SERIALIZATION_FAILURE, "could not serialize access due to concurrent update");
    }
  }

  private void put(byte[] key, long timestamp, byte @Nullable [] row) {
    versions.computeIfAbsent(key, k -> new TreeMap<>()).put(timestamp, Optional.ofNullable(row));
    if (TableKey.tableIdOf(key) < TableDescriptor.FIRST_USER_TABLE_ID) {
      catalogChanges.put(timestamp, true);
    }
  }

  /**
   * @param rows the key, then the request's other columns
   */
  synchronized CommitResult commit(BulkRequest request, List<@Nullable Object[]> rows) {
    Timestamp before = begin(request.transaction());
    if (before != null) {
      return new CommitResult(before);
    }
    long snapshot = request.snapshot().value();
    request.guards().forEach(key -> requireUnchanged(key, snapshot));
    var loaded = new TreeMap<byte[], byte[]>(TableKey::compare);
    for (Object[] row : rows) {
      byte[] key = (byte[]) row[0];
      if (visible(key, Long.MAX_VALUE) != null
          || loaded.put(key, encode(request.columns(), row)) != null) {
        throw DuplicateKeys.of(key);
      }
    }
    long timestamp = draw();
    loaded.forEach((key, row) -> put(key, timestamp, row));
    committed.put(request.transaction(), new Timestamp(timestamp));
    return new CommitResult(new Timestamp(timestamp));
  }

  private static byte[] encode(List<ColumnRequest> columns, @Nullable Object[] values) {
    List<Integer> byId = new ArrayList<>();
    for (int i = 1; i < columns.size(); i++) {
      byId.add(i);
    }
    byId.sort(java.util.Comparator.comparing(i -> columns.get(i).columnId()));
    return RowCodec.encode(
        new Row(
            byId.stream().mapToInt(i -> columns.get(i).columnId()).toArray(),
            byId.stream().map(i -> columns.get(i).type()).toArray(PhysicalType[]::new),
            byId.stream().map(i -> values[i]).toArray()));
  }

  /** An answer of ABORTED is kept. */
  synchronized TransactionStatus status(TransactionId transaction) {
    if (committed.containsKey(transaction)) {
      return TransactionStatus.COMMITTED;
    }
    aborted.add(transaction);
    return TransactionStatus.ABORTED;
  }

  synchronized TableSize sizeOf(int tableId) {
    long rows =
        keys(KeyRange.ofTable(tableId)).stream()
            .filter(key -> visible(key, Long.MAX_VALUE) != null)
            .count();
    return new TableSize(rows, rows * 16);
  }
}

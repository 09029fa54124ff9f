package dev.sheaf.compute.catalog;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.cache.LruCache;
import dev.sheaf.compute.storage.OwnWrites;
import dev.sheaf.compute.storage.OwnWrites.OwnWrite;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.compute.storage.ShardStorage;
import dev.sheaf.compute.storage.StatementStorage;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Reads catalogs of all databases. A catalog is read once per version and kept within a bound of
 * bytes: a statement on an unchanged catalog costs no call. Thread-safe.
 */
public final class CatalogReader {
  private final LruCache<Key, Catalog> cache;

  private record Key(ShardId shard, Timestamp version) {}

  public CatalogReader(long cacheBytes) {
    this.cache = new LruCache<>(cacheBytes, Catalog::sizeBytes);
  }

  /** The catalog at a snapshot, as others committed it. */
  public Catalog at(ShardAccess shard, Snapshot snapshot, Deadline deadline) {
    var key = new Key(shard.shard(), snapshot.catalogVersion());
    Catalog cached = cache.get(key);
    if (cached != null) {
      return cached;
    }
    Catalog read = read(shard, snapshot, deadline);
    cache.put(key, read);
    return read;
  }

  /** The catalog at a past timestamp; 72000 if that is no longer kept. */
  public Catalog at(ShardAccess shard, Timestamp past, Deadline deadline) {
    Timestamp version = shard.service().catalogVersionAt(shard.shard(), past, deadline);
    return at(shard, new Snapshot(past, version), deadline);
  }

  private static Catalog read(ShardAccess shard, Snapshot snapshot, Deadline deadline) {
    var storage =
        new ShardStorage(
            shard, snapshot.timestamp(), OwnWrites.NONE, (table, at) -> table, deadline);
    Collection<String> schemas = new TreeSet<>();
    forEachRow(
        storage,
        CatalogTables.SCHEMAS,
        (batch, row) -> schemas.add(CatalogTables.text(bytes(batch.column(0), row))));
    Map<Integer, TableDescriptor> tables = new HashMap<>();
    forEachRow(
        storage,
        CatalogTables.TABLES,
        (batch, row) -> {
          TableDescriptor table = DescriptorCodec.decode(bytes(batch.column(1), row));
          tables.put(table.id(), table);
        });
    return new Catalog(snapshot.catalogVersion(), schemas, tables);
  }

  private static byte[] bytes(Vec column, int row) {
    return ((Vec.BytesVec) column).bytes(row);
  }

  private static void forEachRow(
      StatementStorage storage, TableDescriptor table, BiConsumer<Batch, Integer> rows) {
    var ordinals = java.util.stream.IntStream.range(0, table.columns().size()).boxed().toList();
    var spec =
        new StatementStorage.ScanSpec(
            table, ordinals, false, KeyRange.ofTable(table.id()), null, null, null, null);
    try (StatementStorage.Scan scan = storage.scan(spec)) {
      for (StatementStorage.Split split : scan.splits()) {
        try (BatchSource batches = split.open()) {
          for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            for (int i = 0; i < batch.selected(); i++) {
              rows.accept(batch, batch.row(i));
            }
          }
        }
      }
    }
  }

  /** A catalog with the changes that a transaction made itself. */
  public static Catalog with(Catalog committed, OwnWrites own) {
    var schemaWrites = own.in(KeyRange.ofTable(CatalogTables.SCHEMAS.id()));
    var tableWrites = own.in(KeyRange.ofTable(CatalogTables.TABLES.id()));
    if (schemaWrites.isEmpty() && tableWrites.isEmpty()) {
      return committed;
    }
    Collection<String> schemas = new TreeSet<>(committed.userSchemas());
    for (OwnWrite write : schemaWrites) {
      Object name = TableKey.decode(write.key(), new PhysicalType[] {PhysicalType.BYTES})[0];
      String schema = CatalogTables.text((byte[]) Objects.requireNonNull(name));
      if (write.row() == null) {
        schemas.remove(schema);
      } else {
        schemas.add(schema);
      }
    }
    Map<Integer, TableDescriptor> tables = new HashMap<>(committed.byId());
    for (OwnWrite write : tableWrites) {
      Object id = TableKey.decode(write.key(), new PhysicalType[] {PhysicalType.INT})[0];
      if (write.row() == null) {
        tables.remove((Integer) id);
      } else {
        Object descriptor = RowCodec.decode(write.row()).values()[1];
        TableDescriptor table = DescriptorCodec.decode((byte[]) Objects.requireNonNull(descriptor));
        tables.put(table.id(), table);
      }
    }
    return new Catalog(committed.version(), schemas, tables);
  }
}

package dev.sheaf.compute.catalog;

import dev.sheaf.compute.cache.LruCache;
import dev.sheaf.compute.sql.TableStatistics;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Row counts and ranges of values for the planner, fetched at most every half minute per table, or
 * every second for a small table, which may be growing fast. Thread-safe.
 */
public final class TableEstimates {
  private static final System.Logger LOG = System.getLogger(TableEstimates.class.getName());
  private static final long FRESH_NANOS = 30_000_000_000L;
  private static final long FRESH_SMALL_NANOS = 1_000_000_000L;
  private static final double SMALL_ROWS = 10_000;
  private static final long ENTRY_BYTES = 128;
  private static final long COLUMN_BYTES = 128;
  private static final long CACHE_BYTES = 1L << 20;

  private final LongSupplier nanoTime;
  private final LruCache<Key, Estimate> cache =
      new LruCache<>(CACHE_BYTES, e -> ENTRY_BYTES + COLUMN_BYTES * e.columns().size());

  private record Key(ShardId shard, int tableId) {}

  private record Estimate(double rowCount, Map<Integer, ColumnStatistics> columns, long atNanos)
      implements TableStatistics {
    @Override
    public Optional<ColumnStatistics> column(int columnId) {
      return Optional.ofNullable(columns.get(columnId));
    }

    boolean isFresh(long now) {
      return now - atNanos < (rowCount < SMALL_ROWS ? FRESH_SMALL_NANOS : FRESH_NANOS);
    }
  }

  public TableEstimates(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  public TableStatistics of(ShardAccess shard, TableDescriptor table, Deadline deadline) {
    var key = new Key(shard.shard(), table.id());
    long now = nanoTime.getAsLong();
    Estimate known = cache.get(key);
    if (known != null && known.isFresh(now)) {
      return known;
    }
    try {
      long rows = shard.service().sizeOf(shard.shard(), table.id(), deadline).rows();
      var fresh = new Estimate(Math.max(1, rows), ColumnRanges.of(shard, table, deadline), now);
      cache.put(key, fresh);
      return fresh;
    } catch (SheafException e) {
      // An estimate never decides correctness: plan without it rather than fail.
      LOG.log(System.Logger.Level.DEBUG, "no size of table " + table.qualifiedName(), e);
      return TableStatistics.UNKNOWN;
    }
  }
}

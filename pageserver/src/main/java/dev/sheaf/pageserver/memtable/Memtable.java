package dev.sheaf.pageserver.memtable;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Versions of rows by (key ascending, timestamp descending), and each table's also in the order of
 * their arrival, which is what scans of whole tables read. One writer, any number of readers;
 * nothing is ever removed. A reader may see part of a commit that is being applied: it must ask
 * only for timestamps up to one whose commits were all applied.
 */
public final class Memtable {
  /** What a version costs beside its key and row: skip list node, index share, objects, block. */
  private static final int OVERHEAD_BYTES = 168 + VersionBlock.BYTES_PER_VERSION;

  /** Decoded columns take no more than this part of what the versions take. */
  private static final int COLUMNS_SHARE = 4;

  private final ConcurrentSkipListMap<VersionKey, Version> versions = new ConcurrentSkipListMap<>();
  private final Map<Integer, TableVersions> tables = new ConcurrentHashMap<>();
  private final AtomicLong columnBytes = new AtomicLong();
  private volatile long sizeBytes;
  private volatile Lsn appliedTo;
  private volatile Timestamp newest = Timestamp.ZERO;
  private volatile Timestamp oldest = Timestamp.MAX;

  /**
   * @param from position of the first record that may be applied
   */
  public Memtable(Lsn from) {
    this.appliedTo = from;
  }

  /** Bytes that one write will take. */
  public static long costOf(byte[] key, byte @Nullable [] row) {
    return OVERHEAD_BYTES + key.length + (row == null ? 0 : row.length);
  }

  /**
   * By the writer only, before a version that replaces or deletes a row is put: ends the key's
   * newest version here.
   *
   * @return false if the key has no version here
   */
  public boolean supersede(byte[] key, Timestamp timestamp) {
    Map.Entry<VersionKey, Version> newest = find(key, Long.MAX_VALUE);
    if (newest == null) {
      return false;
    }
    newest.getValue().end(timestamp.value());
    return true;
  }

  /** By the writer only. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  public void put(byte[] key, Timestamp timestamp, byte @Nullable [] row, boolean added) {
    if (versions.isEmpty()) {
      oldest = timestamp;
    }
    var versionKey = new VersionKey(key, timestamp.value());
    var version = new Version(row, added);
    versions.put(versionKey, version);
    sizeBytes += costOf(key, row);
    TableVersions table =
        tables.computeIfAbsent(
            TableKey.tableIdOf(key), id -> new TableVersions(this::hasRoomForColumns));
    table.add(versionKey, version);
    if (row == null) {
      table.rows.decrement();
    } else {
      table.bytes.add(key.length + row.length);
      if (added) {
        table.rows.increment();
      }
    }
  }

  private boolean hasRoomForColumns(long bytes) {
    if (columnBytes.addAndGet(bytes) <= sizeBytes / COLUMNS_SHARE) {
      return true;
    }
    columnBytes.addAndGet(-bytes);
    return false;
  }

  /**
   * By the writer only, before the first version of a commit is put: none will be newer than this.
   */
  public void applying(Timestamp timestamp) {
    newest = timestamp;
  }

  /** By the writer only: everything before the position has been applied. */
  public void applied(Lsn end) {
    appliedTo = end;
  }

  public Lsn appliedTo() {
    return appliedTo;
  }

  /** Timestamp of the newest commit applied while this was the active one; ZERO if none was. */
  public Timestamp newest() {
    return newest;
  }

  /** Timestamp of the oldest version; MAX if there is none. */
  public Timestamp oldest() {
    return oldest;
  }

  public long sizeBytes() {
    return sizeBytes;
  }

  public boolean isEmpty() {
    return versions.isEmpty();
  }

  /** Newest version of the key at or below the timestamp. */
  public Map.@Nullable Entry<VersionKey, Version> find(byte[] key, long at) {
    Map.Entry<VersionKey, Version> entry = versions.ceilingEntry(new VersionKey(key, at));
    return entry != null && entry.getKey().hasKey(key) ? entry : null;
  }

  /** All versions of the keys of a range. */
  public ConcurrentNavigableMap<VersionKey, Version> range(KeyRange range) {
    var from = new VersionKey(range.startInclusive(), Long.MAX_VALUE);
    byte[] end = range.endExclusive();
    return end == null
        ? versions.tailMap(from)
        : versions.subMap(from, new VersionKey(end, Long.MAX_VALUE));
  }

  /** All versions. */
  public ConcurrentNavigableMap<VersionKey, Version> all() {
    return versions;
  }

  /** Estimated change of the table's number of live rows. */
  public long rowsOf(int tableId) {
    TableVersions table = tables.get(tableId);
    return table == null ? 0 : table.rows.sum();
  }

  /** Bytes of keys and rows of the table. */
  public long bytesOf(int tableId) {
    TableVersions table = tables.get(tableId);
    return table == null ? 0 : table.bytes.sum();
  }

  /** Number of versions of the table's rows. */
  public long versionsOf(int tableId) {
    TableVersions table = tables.get(tableId);
    return table == null ? 0 : table.size();
  }

  /** The table's versions in the order of their arrival. */
  public List<VersionBlock> blocksOf(int tableId) {
    TableVersions table = tables.get(tableId);
    return table == null ? List.of() : table.blocks();
  }
}

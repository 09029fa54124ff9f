package dev.sheaf.pageserver;

import dev.sheaf.pageserver.compact.CompactionSettings;

/**
 * Limits of a page server.
 *
 * @param memtableBytes a shard's memtable is flushed when it has grown to this
 * @param allMemtablesBytes bound over all shards: beyond three quarters commits slow down and the
 *     largest memtable is flushed, at the bound commits wait until their deadline (53400)
 * @param bulkChunkBytes rows in the memory of one bulk load: half of them gather while the other
 *     half is sorted and written as a segment
 * @param bulkLoads bulk loads at a time; more of them wait (53400 at the deadline)
 * @param commitBytes largest transaction, in bytes of keys and rows (54000 beyond)
 * @param leaseMillis how long this node's ownership outlives it
 * @param idleFlushMillis a memtable that no commit has changed for so long is flushed, so that an
 *     idle shard takes no room in memory and in the log
 * @param sweepGraceMillis how long objects stay that nothing names any more: as long as a reader
 *     may go on after its shard has moved
 * @param compaction when and how much segments are merged
 */
public record PageServerConfig(
    long memtableBytes,
    long allMemtablesBytes,
    long bulkChunkBytes,
    int bulkLoads,
    long commitBytes,
    long leaseMillis,
    long idleFlushMillis,
    long sweepGraceMillis,
    CompactionSettings compaction) {
  public static final PageServerConfig DEFAULT =
      new PageServerConfig(64L << 20, 512L << 20, 64L << 20, 4, 64L << 20, 10_000);

  public PageServerConfig(
      long memtableBytes,
      long allMemtablesBytes,
      long bulkChunkBytes,
      int bulkLoads,
      long commitBytes,
      long leaseMillis) {
    this(
        memtableBytes,
        allMemtablesBytes,
        bulkChunkBytes,
        bulkLoads,
        commitBytes,
        leaseMillis,
        300_000,
        900_000,
        CompactionSettings.DEFAULT);
  }
}

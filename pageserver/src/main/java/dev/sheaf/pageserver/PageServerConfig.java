package dev.sheaf.pageserver;

/**
 * Limits of a page server.
 *
 * @param memtableBytes a shard's memtable is flushed when it has grown to this
 * @param allMemtablesBytes bound over all shards: beyond three quarters commits slow down and the
 *     largest memtable is flushed, at the bound commits wait until their deadline (53400)
 * @param bulkChunkBytes rows a bulk load buffers and sorts before it writes a segment
 * @param bulkLoads bulk loads at a time; more of them wait (53400 at the deadline)
 * @param commitBytes largest transaction, in bytes of keys and rows (54000 beyond)
 * @param leaseMillis how long this node's ownership outlives it
 */
public record PageServerConfig(
    long memtableBytes,
    long allMemtablesBytes,
    long bulkChunkBytes,
    int bulkLoads,
    long commitBytes,
    long leaseMillis) {
  public static final PageServerConfig DEFAULT =
      new PageServerConfig(64L << 20, 512L << 20, 64L << 20, 4, 64L << 20, 10_000);
}

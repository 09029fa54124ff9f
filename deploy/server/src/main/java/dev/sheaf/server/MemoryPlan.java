package dev.sheaf.server;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * How the memory of the process is divided. The shares of the heap add up to less than it: the rest
 * is for what is too small to count, and for the collector to work in.
 *
 * <table>
 * <caption>Shares of the usable heap (the limit less {@value #BASE_MB} MiB for code's own objects)</caption>
 * <tr><th>share</th><th>for</th></tr>
 * <tr><td>25 %</td><td>blocks of segments, read by computes and page servers</td></tr>
 * <tr><td>25 %</td><td>memory budgets of running queries</td></tr>
 * <tr><td>20 %</td><td>memtables of all shards; one is flushed at a quarter of that, or 128 MiB</td></tr>
 * <tr><td>5 %</td><td>columns of memtables that scans have decoded: a quarter of what the memtables hold</td></tr>
 * <tr><td>10 %</td><td>rows that bulk loads sort, two loads at once</td></tr>
 * <tr><td>5 %</td><td>records that wait for the safekeepers' disks</td></tr>
 * <tr><td>3 %</td><td>plans and catalogs</td></tr>
 * <tr><td>1 %</td><td>the list of the disk cache's files</td></tr>
 * </table>
 *
 * <p>Beside the heap: Arrow buffers of results and of incoming batches, as much as a quarter of the
 * usable heap.
 *
 * @param blockCacheBytes of one cache for the process
 * @param queryBytes of all queries together
 * @param oneQueryBytes default of one query
 * @param memtableBytes of all shards together
 * @param flushBytes of one shard's memtable when it is flushed
 * @param bulkChunkBytes that one bulk load sorts at a time
 * @param bulkLoads at a time
 * @param journalBytes of one safekeeper's queue
 * @param planCacheBytes of all sessions together
 * @param catalogCacheBytes of all databases together
 * @param diskIndexBytes that the disk cache takes to know what it has
 * @param arrowBytes off the heap
 */
record MemoryPlan(
    long blockCacheBytes,
    long queryBytes,
    long oneQueryBytes,
    long memtableBytes,
    long flushBytes,
    long bulkChunkBytes,
    int bulkLoads,
    long journalBytes,
    long planCacheBytes,
    long catalogCacheBytes,
    long diskIndexBytes,
    long arrowBytes) {
  private static final long MIB = 1L << 20;
  private static final int BASE_MB = 96;
  private static final long LEAST_USABLE = 96 * MIB;
  private static final int BULK_LOADS = 2;
  private static final long LARGEST_FLUSH = 128 * MIB;

  /** What a plan starts from; -1 where nothing is set. */
  record Wishes(long limitBytes, long oneQueryBytes, long flushBytes) {}

  /**
   * @param heapBytes most that the heap can grow to
   * @throws SheafException 53200 when that is too little, 22023 when the wishes do not fit in
   */
  static MemoryPlan of(long heapBytes, int safekeepers, Wishes wishes) {
    if (wishes.limitBytes() > heapBytes) {
      throw bad(
          "sheaf.memory is "
              + mib(wishes.limitBytes())
              + ", more than the heap of "
              + mib(heapBytes)
              + " (-Xmx)");
    }
    long limit = wishes.limitBytes() < 0 ? heapBytes : wishes.limitBytes();
    long usable = limit - BASE_MB * MIB;
    if (usable < LEAST_USABLE) {
      throw new SheafException(
          ErrorCode.OUT_OF_MEMORY,
          "the server needs a heap of "
              + mib(BASE_MB * MIB + LEAST_USABLE)
              + " or more, it has "
              + mib(limit)
              + ": raise -Xmx");
    }
    long queries = percent(usable, 25);
    long memtables = percent(usable, 20);
    long oneQuery = wishes.oneQueryBytes() < 0 ? queries / 2 : wishes.oneQueryBytes();
    long flush =
        wishes.flushBytes() < 0 ? Math.min(LARGEST_FLUSH, memtables / 4) : wishes.flushBytes();
    if (oneQuery < MIB || oneQuery > queries) {
      throw bad("sheaf.query.memory is not between 1 MiB and " + mib(queries));
    }
    if (flush < MIB / 4 || flush > memtables / 2) {
      throw bad("sheaf.flush-size is not between 256 KiB and " + mib(memtables / 2));
    }
    return new MemoryPlan(
        percent(usable, 25),
        queries,
        oneQuery,
        memtables,
        flush,
        percent(usable, 10) / BULK_LOADS,
        BULK_LOADS,
        percent(usable, 5) / safekeepers,
        percent(usable, 2),
        percent(usable, 1),
        percent(usable, 1),
        percent(usable, 25));
  }

  /** What the shares of the heap add up to. */
  long heapBytes(int safekeepers) {
    return blockCacheBytes
        + queryBytes
        + memtableBytes
        + bulkChunkBytes * bulkLoads
        + journalBytes * safekeepers
        + planCacheBytes
        + catalogCacheBytes
        + diskIndexBytes;
  }

  private static long percent(long bytes, int percent) {
    return bytes / 100 * percent;
  }

  private static SheafException bad(String message) {
    return new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, message);
  }

  private static String mib(long bytes) {
    return bytes / MIB + " MiB";
  }
}

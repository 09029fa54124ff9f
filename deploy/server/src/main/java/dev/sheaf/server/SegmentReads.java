package dev.sheaf.server;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.ReadAhead;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.cache.DiskCache;
import dev.sheaf.pageserver.segment.StoredRanges;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How this process reads segments: from memory, then from a local disk, then from the object store.
 * One of each for all databases and for all parts of the process.
 *
 * @param objects the store with the disk in front of it, if there is one
 * @param warmUps fetches into memory what was hot elsewhere or before
 */
record SegmentReads(ObjectStore objects, Segments segments, BlockCache cache, WarmUps warmUps) {
  private static final long MOST_AHEAD = 32L << 20;
  private static final long MOST_QUEUED = 16L << 20;

  /** Of the volume of the disk cache, for what else grows there: a safekeeper's journal. */
  private static final long RESERVE_BYTES = 1L << 30;

  /** Of a store that is on the local disk itself. */
  static SegmentReads local(
      ObjectStore objects, MemoryPlan memory, ServerThreads threads, ServerMetrics metrics) {
    return of(objects, ReadAhead.NONE, memory, threads, metrics);
  }

  /** Of a store behind a network. */
  static SegmentReads remote(
      ObjectStore objects, MemoryPlan memory, ServerThreads threads, ServerMetrics metrics) {
    long ahead = Math.min(MOST_AHEAD, memory.blockCacheBytes() / 8);
    var readAhead = new ReadAhead(threads.blocking(), ahead);
    metrics.watch(readAhead);
    return of(objects, readAhead, memory, threads, metrics);
  }

  private static SegmentReads of(
      ObjectStore objects,
      ReadAhead readAhead,
      MemoryPlan memory,
      ServerThreads threads,
      ServerMetrics metrics) {
    var cache = new BlockCache(memory.blockCacheBytes());
    metrics.watch(cache);
    var segments = new Segments(new StoredRanges(objects), cache, readAhead);
    var warmUps = new WarmUps(segments, cache, threads.blocking(), System::nanoTime);
    return new SegmentReads(objects, segments, cache, warmUps);
  }

  /**
   * The disk cache, unless its size is set to 0.
   *
   * @param folder of this process alone
   */
  static Optional<DiskCache> disk(
      SheafConfig config,
      Path folder,
      MemoryPlan memory,
      ServerThreads threads,
      ServerMetrics metrics) {
    long size = config.diskCache().size().asLongValue();
    if (size == 0) {
      return Optional.empty();
    }
    SheafConfig.S3 s3 = config.s3();
    String store =
        s3.endpoint().map(Object::toString).orElse("")
            + "/"
            + s3.bucket()
            + "/"
            + s3.prefix().orElse("");
    long queue = Math.min(MOST_QUEUED, memory.blockCacheBytes() / 8);
    var limits = new DiskCache.Limits(size, memory.diskIndexBytes(), RESERVE_BYTES, queue);
    DiskCache disk = DiskCache.open(folder, store, limits, threads.blocking());
    metrics.watch(disk);
    return Optional.of(disk);
  }
}

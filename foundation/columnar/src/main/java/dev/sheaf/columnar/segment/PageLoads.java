package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.BlockCache.Key;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Pages that somebody is reading from the store right now: others wait for that read instead of
 * making it again. As many entries as pages of reads under way. Thread-safe.
 */
final class PageLoads {
  /** Reads of the store end earlier by their own deadlines; after this, one reads for oneself. */
  private static final long PATIENCE_SECONDS = 60;

  private final ConcurrentHashMap<Key, CompletableFuture<Page>> underWay =
      new ConcurrentHashMap<>();
  private final LongAdder shared = new LongAdder();

  /** Whether the caller is to read the page, and then to call {@link #done} or {@link #failed}. */
  boolean claim(Key key) {
    return underWay.putIfAbsent(key, new CompletableFuture<>()) == null;
  }

  boolean isUnderWay(Key key) {
    return underWay.containsKey(key);
  }

  /** The page is read: put it into the cache before, so that nobody misses it in between. */
  void done(Key key, Page page) {
    CompletableFuture<Page> load = underWay.remove(key);
    if (load != null) {
      load.complete(page);
    }
  }

  /** The read has failed: those who wait read for themselves and meet their own error. */
  void failed(Key key) {
    CompletableFuture<Page> load = underWay.remove(key);
    if (load != null) {
      load.cancel(false);
    }
  }

  /** The page once the read under way has ended; null when there is none, or it failed. */
  @Nullable Page await(Key key) {
    CompletableFuture<Page> load = underWay.get(key);
    if (load == null) {
      return null;
    }
    try {
      Page page = load.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      shared.increment();
      return page;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null; // the read that follows notices the interruption
    } catch (CancellationException | ExecutionException | TimeoutException e) {
      return null;
    }
  }

  /** Pages that were waited for instead of read, since the start. */
  long shared() {
    return shared.sum();
  }
}

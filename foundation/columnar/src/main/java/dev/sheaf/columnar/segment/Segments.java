package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Open segments of one object store. An open segment is an index in memory; it lives in the block
 * cache, within its budget, and is read again when it has been driven out. Thread-safe; those who
 * open a segment at once share one read.
 */
public final class Segments {
  /** Reads of the store end earlier by their own deadlines; after this, one reads for oneself. */
  private static final long PATIENCE_SECONDS = 60;

  private final RangeReader reader;
  private final BlockCache cache;
  private final ReadAhead readAhead;
  private final ConcurrentHashMap<BlockCache.Key, CompletableFuture<SegmentFile>> opening =
      new ConcurrentHashMap<>();

  public Segments(RangeReader reader, BlockCache cache) {
    this(reader, cache, ReadAhead.NONE);
  }

  public Segments(RangeReader reader, BlockCache cache, ReadAhead readAhead) {
    this.reader = reader;
    this.cache = cache;
    this.readAhead = readAhead;
  }

  /**
   * Opens a segment, or gives the one already open.
   *
   * @param sizeBytes the object's size, as the manifest has it
   * @throws SheafException XX001 when the object is not a whole segment of that size
   */
  public SegmentReader open(String objectKey, long sizeBytes) {
    BlockCache.Key key = key(objectKey);
    if (cache.get(key) instanceof SegmentFile open) {
      return open;
    }
    var mine = new CompletableFuture<SegmentFile>();
    CompletableFuture<SegmentFile> other = opening.putIfAbsent(key, mine);
    if (other != null) {
      SegmentFile opened = await(other);
      return opened != null ? opened : read(objectKey, sizeBytes);
    }
    try {
      SegmentFile opened =
          cache.peek(key) instanceof SegmentFile open ? open : read(objectKey, sizeBytes);
      mine.complete(opened);
      return opened;
    } finally {
      mine.cancel(false);
      opening.remove(key);
    }
  }

  private SegmentFile read(String objectKey, long sizeBytes) {
    SegmentFile segment =
        SegmentFile.open(new SegmentSource(objectKey, sizeBytes, reader), cache, readAhead);
    cache.put(key(objectKey), segment);
    return segment;
  }

  /** Null when that read has failed or takes too long: the caller's own meets its own error. */
  private static @Nullable SegmentFile await(CompletableFuture<SegmentFile> opening) {
    try {
      return opening.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null; // the read that follows notices the interruption
    } catch (CancellationException | ExecutionException | TimeoutException e) {
      return null;
    }
  }

  private static BlockCache.Key key(String objectKey) {
    return new BlockCache.Key(objectKey, SegmentFile.INDEX_ENTRY, 0);
  }

  /** Whether opening it needs no request, as far as can be told without counting as a use. */
  boolean isOpen(String objectKey) {
    return cache.holds(key(objectKey));
  }

  /**
   * Says that the segment is about to be opened: its index may be fetched in the background then.
   * Nothing is promised and nothing fails.
   */
  public void expect(String objectKey, long sizeBytes) {
    if (!readAhead.isOn() || isOpen(objectKey)) {
      return;
    }
    boolean unused =
        readAhead.start(
            SegmentFile.tailBytes(sizeBytes),
            () -> {
              try {
                SegmentReader opened = open(objectKey, sizeBytes);
              } catch (SheafException e) {
                // Whoever opens it meets the error if it stays.
              }
            });
  }
}

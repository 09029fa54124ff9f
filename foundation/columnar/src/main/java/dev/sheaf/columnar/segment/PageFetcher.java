package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.Envelope;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;

/**
 * Pages of one segment, from the cache or by range reads, each verified before it is handed out. A
 * page that does not match its checksum is read once more, past any cache below; then it is XX001.
 *
 * <p>A request for whole pages is taken for a scan and reads on: to the end of the row group, or,
 * if it goes on where a scan of this column stopped, up to {@link #READ_AHEAD_BYTES}. A request for
 * a few rows reads only their page. Thread-safe; threads that miss a page at once share one read.
 */
final class PageFetcher {
  static final int READ_AHEAD_BYTES = 1 << 20;

  /** Columns share these marks; a clash costs a shorter read. */
  private static final int SCAN_MARKS = 64;

  private final SegmentSource source;
  private final BlockCache cache;
  private final ReadAhead readAhead;

  /** Offset at which the last scan's read ended, by column. */
  private final AtomicLongArray scannedTo = new AtomicLongArray(SCAN_MARKS);

  PageFetcher(SegmentSource source, BlockCache cache, ReadAhead readAhead) {
    this.source = source;
    this.cache = cache;
    this.readAhead = readAhead;
  }

  BlockCache.Key key(ColumnIndex column, int page) {
    return new BlockCache.Key(source.objectKey(), column.id(), page);
  }

  boolean isCached(ColumnIndex column, int page) {
    return cache.holds(key(column, page));
  }

  private boolean isMissing(ColumnIndex column, int page) {
    BlockCache.Key key = key(column, page);
    return !cache.holds(key) && !cache.loads().isUnderWay(key);
  }

  /** One page and no more. */
  Page page(ColumnIndex column, int page) {
    return pages(column, page, page, page + 1)[0];
  }

  /**
   * Pages {@code [first, last]} of a column.
   *
   * @param readOnTo page before which a read may go on, past {@code last}; {@code last + 1} when
   *     the caller is no scan
   */
  Page[] pages(ColumnIndex column, int first, int last, int readOnTo) {
    Page[] pages = new Page[last - first + 1];
    for (int p = first; p <= last; ) {
      if (cache.get(key(column, p)) instanceof Page cached) {
        pages[p - first] = used(column, p, cached);
        p++;
      } else {
        for (Page page : missing(column, p, last, readOnTo)) {
          if (p <= last) {
            pages[p++ - first] = page;
          }
        }
      }
    }
    return pages;
  }

  /** A page used again is kept decompressed from then on. */
  private Page used(ColumnIndex column, int p, Page cached) {
    if (!cached.isCompressed()) {
      return cached;
    }
    Page raw = cached.inflated(column.rows(p));
    cache.put(key(column, p), raw);
    return raw;
  }

  /** Pages from {@code from} on, at least that one: by a read under way, or by one from here. */
  private Page[] missing(ColumnIndex column, int from, int last, int readOnTo) {
    BlockCache.Key key = key(column, from);
    Page awaited = cache.loads().await(key);
    if (awaited != null) {
      return new Page[] {awaited};
    }
    int end = from + 1;
    if (cache.loads().claim(key)) {
      if (cache.peek(key) instanceof Page cached) {
        cache.loads().done(key, cached); // read by somebody since we looked
        return new Page[] {cached};
      }
      int limit = endOfRead(column, from, last, readOnTo);
      while (end < limit && cache.loads().claim(key(column, end))) {
        end++;
      }
    }
    // Not claimed: somebody's read has failed, or is too slow to wait for any longer.
    return fetch(List.of(new PageRun(column, from, end)), last + 1 - from);
  }

  private int endOfRead(ColumnIndex column, int from, int last, int readOnTo) {
    boolean scan = readOnTo > last + 1 || last > from;
    int mark = Math.floorMod(column.id(), SCAN_MARKS);
    boolean goesOn = scan && scannedTo.get(mark) == column.offset(from);
    int limit = goesOn ? column.pages() : Math.max(readOnTo, last + 1);
    long budget = Math.min(READ_AHEAD_BYTES, cache.capacityBytes() / 16);
    int end = from + 1;
    while (end < limit
        && isMissing(column, end)
        && (column.offset(end + 1) - column.offset(from) <= budget || end <= last)
        && column.offset(end + 1) - column.offset(from) <= Integer.MAX_VALUE / 2) {
      end++;
    }
    if (scan) {
      scannedTo.set(mark, column.offset(end));
    }
    return end;
  }

  /** Adds those of the pages {@code [from, end)} that are neither cached nor being read. */
  void addMissing(ColumnIndex column, int from, int end, PageRuns runs) {
    for (int p = from; p < end; p++) {
      if (isMissing(column, p)) {
        runs.add(column, p);
      }
    }
  }

  PageRuns newRuns() {
    return new PageRuns((int) Math.min(READ_AHEAD_BYTES, cache.capacityBytes() / 16));
  }

  /** Begins to read in the background, as far as there is room. */
  void readAhead(PageRuns runs) {
    for (List<PageRun> request : runs.requests()) {
      long bytes = request.getLast().endOffset() - request.getFirst().offset();
      if (!claimAll(request)) {
        continue;
      }
      boolean started =
          readAhead.start(
              bytes,
              () -> {
                try {
                  Page[] unused = fetch(request, 0);
                } catch (SheafException e) {
                  // Whoever needs these pages reads them again, and meets the error if it stays.
                }
              });
      if (!started) {
        release(request, 0);
      }
    }
  }

  /**
   * Reads now what is missing of pages {@code [from, end)}, and takes all of them for used more
   * than once.
   *
   * @param limitBytes after which no other request begins
   * @param stop asked before each request
   * @return bytes read
   */
  long fetchMissing(ColumnIndex column, int from, int end, long limitBytes, BooleanSupplier stop) {
    PageRuns runs = newRuns();
    addMissing(column, from, end, runs);
    long fetched = 0;
    for (List<PageRun> request : runs.requests()) {
      if (fetched >= limitBytes || stop.getAsBoolean()) {
        break;
      }
      if (claimAll(request)) {
        Page[] unused = fetch(request, 0);
        fetched += request.getLast().endOffset() - request.getFirst().offset();
      }
    }
    for (int p = from; p < end; p++) {
      cache.establish(key(column, p));
    }
    return fetched;
  }

  /** False, and nothing claimed, if somebody else has begun to read one of the pages. */
  private boolean claimAll(List<PageRun> request) {
    int claimed = 0;
    for (PageRun run : request) {
      for (int p = run.from(); p < run.end(); p++) {
        if (!cache.loads().claim(key(run.column(), p))) {
          releaseFirst(request, claimed);
          return false;
        }
        claimed++;
      }
    }
    return true;
  }

  /**
   * Reads pages that lie side by side, keeps all in the cache, and lets go of their claims.
   *
   * @param used how many of them, from the first on, are for the caller; the others are for later
   */
  private Page[] fetch(List<PageRun> request, int used) {
    Page[] pages = new Page[request.stream().mapToInt(PageRun::pages).sum()];
    int done = 0;
    try {
      long offset = request.getFirst().offset();
      byte[] bytes = source.read(offset, (int) (request.getLast().endOffset() - offset));
      for (PageRun run : request) {
        for (int p = run.from(); p < run.end(); p++) {
          Page page = verified(run.column(), p, bytes, (int) (run.column().offset(p) - offset));
          BlockCache.Key key = key(run.column(), p);
          if (done < used) {
            cache.put(key, page);
          } else {
            cache.putAhead(key, page);
          }
          cache.loads().done(key, page);
          pages[done++] = page;
        }
      }
      return pages;
    } finally {
      release(request, done);
    }
  }

  /** Lets go of the claims on all pages but the first ones. */
  private void release(List<PageRun> request, int skipped) {
    int seen = 0;
    for (PageRun run : request) {
      for (int p = run.from(); p < run.end(); p++) {
        if (seen++ >= skipped) {
          cache.loads().failed(key(run.column(), p));
        }
      }
    }
  }

  private void releaseFirst(List<PageRun> request, int count) {
    int seen = 0;
    for (PageRun run : request) {
      for (int p = run.from(); p < run.end() && seen++ < count; p++) {
        cache.loads().failed(key(run.column(), p));
      }
    }
  }

  private Page verified(ColumnIndex column, int page, byte[] bytes, int at) {
    int length = column.length(page);
    if (matches(column, page, bytes, at)) {
      return Page.copyOf(bytes, at, length);
    }
    byte[] again = source.reread(column.offset(page), length);
    if (matches(column, page, again, 0)) {
      return Page.copyOf(again, 0, length);
    }
    throw SegmentErrors.corrupted(
        source.objectKey(),
        "checksum of page %d of column %d, %d bytes at offset %d"
            .formatted(page, column.id(), length, column.offset(page)));
  }

  private static boolean matches(ColumnIndex column, int page, byte[] bytes, int at) {
    return Envelope.crc32c(bytes, at, column.length(page)) == column.crc(page);
  }
}

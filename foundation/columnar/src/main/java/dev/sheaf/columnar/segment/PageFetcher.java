package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.format.Envelope;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Pages of one segment, from the cache or by range reads, each verified before it is handed out.
 *
 * <p>A request for whole pages is taken for a scan and reads on: to the end of the row group, or,
 * if it goes on where a scan of this column stopped, up to {@link #READ_AHEAD_BYTES}. A request for
 * a few rows reads only their page. Thread-safe; two threads that miss at once both read.
 */
final class PageFetcher {
  static final int READ_AHEAD_BYTES = 1 << 20;

  /** Columns share these marks; a clash costs a shorter read. */
  private static final int SCAN_MARKS = 64;

  private final SegmentSource source;
  private final BlockCache cache;

  /** Offset at which the last scan's read ended, by column. */
  private final AtomicLongArray scannedTo = new AtomicLongArray(SCAN_MARKS);

  PageFetcher(SegmentSource source, BlockCache cache) {
    this.source = source;
    this.cache = cache;
  }

  BlockCache.Key key(ColumnIndex column, int page) {
    return new BlockCache.Key(source.objectKey(), column.id(), page);
  }

  boolean isCached(ColumnIndex column, int page) {
    return cache.holds(key(column, page));
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
    for (int p = first; p <= last; p++) {
      if (pages[p - first] != null) {
        continue;
      }
      if (cache.get(key(column, p)) instanceof Page cached) {
        pages[p - first] = used(column, p, cached);
      } else {
        read(column, p, last, readOnTo, pages, first);
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

  /**
   * Reads from page {@code from} on, keeps all in the cache and the wanted ones in {@code pages}.
   */
  private void read(
      ColumnIndex column, int from, int last, int readOnTo, @Nullable Page[] pages, int first) {
    int end = endOfRead(column, from, last, readOnTo);
    long offset = column.offset(from);
    byte[] bytes = source.read(offset, (int) (column.offset(end) - offset));
    for (int p = from; p < end; p++) {
      int at = (int) (column.offset(p) - offset);
      verify(column, p, bytes, at);
      Page page = Page.copyOf(bytes, at, column.length(p));
      cache.put(key(column, p), page);
      if (p <= last) {
        pages[p - first] = page;
      }
    }
  }

  private int endOfRead(ColumnIndex column, int from, int last, int readOnTo) {
    boolean scan = readOnTo > last + 1 || last > from;
    int mark = Math.floorMod(column.id(), SCAN_MARKS);
    boolean goesOn = scan && scannedTo.get(mark) == column.offset(from);
    int limit = goesOn ? column.pages() : Math.max(readOnTo, last + 1);
    long budget = Math.min(READ_AHEAD_BYTES, cache.capacityBytes() / 16);
    int end = from + 1;
    while (end < limit
        && !isCached(column, end)
        && (column.offset(end + 1) - column.offset(from) <= budget || end <= last)
        && column.offset(end + 1) - column.offset(from) <= Integer.MAX_VALUE / 2) {
      end++;
    }
    if (scan) {
      scannedTo.set(mark, column.offset(end));
    }
    return end;
  }

  private void verify(ColumnIndex column, int page, byte[] bytes, int at) {
    if (Envelope.crc32c(bytes, at, column.length(page)) != column.crc(page)) {
      throw SegmentErrors.corrupted(
          source.objectKey(),
          "checksum of page %d of column %d, %d bytes at offset %d"
              .formatted(page, column.id(), column.length(page), column.offset(page)));
    }
  }
}

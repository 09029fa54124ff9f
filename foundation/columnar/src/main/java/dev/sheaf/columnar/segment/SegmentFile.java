package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A segment in an object store: index in memory, pages fetched as they are needed. Layout: {@link
 * SegmentLayout}. Thread-safe; calls may block on the store.
 */
public final class SegmentFile implements SegmentReader, BlockCache.Cached {
  /** Pseudo column under which the cache keeps the open segment itself. */
  static final int INDEX_ENTRY = Integer.MIN_VALUE;

  /** The first read of a segment: the footer and, mostly, the index; all of a small one. */
  static final int TAIL_BYTES = 1 << 16;

  private final SegmentSource source;
  private final BlockCache cache;
  private final ReadAhead readAhead;
  private final PageFetcher fetcher;
  private final SegmentIndex index;
  private final KeySearch search;
  private final int indexBytes;

  private SegmentFile(
      SegmentSource source,
      BlockCache cache,
      ReadAhead readAhead,
      SegmentIndex index,
      int indexBytes) {
    this.source = source;
    this.cache = cache;
    this.readAhead = readAhead;
    this.fetcher = new PageFetcher(source, cache, readAhead);
    this.index = index;
    this.search = new KeySearch(index, fetcher);
    this.indexBytes = indexBytes;
  }

  /** As {@link #open(SegmentSource, BlockCache, ReadAhead)}, without reading ahead. */
  public static SegmentFile open(SegmentSource source, BlockCache cache) {
    return open(source, cache, ReadAhead.NONE);
  }

  /**
   * Reads and verifies the index; once more, past any cache below, when it is not what it must be.
   *
   * @throws dev.sheaf.protocol.error.SheafException XX001 when the object is not a whole segment
   */
  public static SegmentFile open(SegmentSource source, BlockCache cache, ReadAhead readAhead) {
    try {
      return open(source, source::read, cache, readAhead);
    } catch (SheafException e) {
      if (e.code() != ErrorCode.DATA_CORRUPTED) {
        throw e;
      }
      return open(source, source::reread, cache, readAhead);
    }
  }

  /** Length of the first read of an object of this size. */
  static int tailBytes(long sizeBytes) {
    return (int) Math.min(sizeBytes, TAIL_BYTES);
  }

  /** One way of reading the object. */
  @FunctionalInterface
  private interface Read {
    byte[] bytes(long offset, int length);
  }

  private static SegmentFile open(
      SegmentSource source, Read read, BlockCache cache, ReadAhead readAhead) {
    long size = source.sizeBytes();
    if (size < SegmentLayout.HEADER_BYTES + SegmentLayout.FOOTER_BYTES) {
      throw SegmentErrors.corrupted(source.objectKey(), "it has only " + size + " bytes");
    }
    int tailLength = tailBytes(size);
    byte[] tail = read.bytes(size - tailLength, tailLength);
    var footer = SegmentLayout.Footer.decode(source.objectKey(), tail, size);
    if (tailLength == size) {
      SegmentLayout.checkHeader(source.objectKey(), tail);
    }
    int at = (int) Math.max(-1, footer.indexOffset() - (size - tailLength));
    byte[] sealed =
        at < 0
            ? read.bytes(footer.indexOffset(), footer.indexLength())
            : Arrays.copyOfRange(tail, at, at + footer.indexLength());
    ByteReader in = SegmentLayout.openIndex(source.objectKey(), sealed);
    SegmentIndex index = decoding(source, () -> SegmentIndexCodec.decode(in, footer.indexOffset()));
    return decoding(
        source, () -> new SegmentFile(source, cache, readAhead, index, footer.indexLength()));
  }

  @Override
  public long rowCount() {
    return index.rowCount();
  }

  @Override
  public int rowGroups() {
    return index.groups();
  }

  @Override
  public int rowsIn(int group) {
    return index.rowsIn(group);
  }

  @Override
  public List<SegmentColumn> columns() {
    return index.columns();
  }

  @Override
  public boolean hasColumn(int columnId) {
    return columnId >= KEY_COLUMN && index.byId().containsKey(columnId);
  }

  @Override
  public @Nullable ZoneMap zone(int columnId, int group) {
    ColumnIndex column = index.byId().get(columnId);
    return column == null ? null : column.zone(group);
  }

  @Override
  public Vec read(int columnId, int group, int from, int count) {
    ColumnIndex column = column(columnId);
    checkRange(group, from, count);
    return decoding(
        source,
        () ->
            switch (column.type()) {
              case BOOL -> VecDecoder.bools(slices(column, group, from, count), count);
              case INT -> VecDecoder.ints(slices(column, group, from, count), count);
              case LONG -> VecDecoder.longs(slices(column, group, from, count), count);
              case INT128 -> VecDecoder.int128s(slices(column, group, from, count), count);
              case DOUBLE -> VecDecoder.doubles(slices(column, group, from, count), count);
              case BYTES -> bytes(column, group, from, count);
            });
  }

  private Vec bytes(ColumnIndex column, int group, int from, int count) {
    if (column.id() == KEY_COLUMN) {
      return BytesDecoder.keys(slices(column, group, from, count), count);
    }
    if (!column.hasDictionary(group)) {
      return BytesDecoder.plain(slices(column, group, from, count), count);
    }
    // first, as it lies before the codes: one read gets both
    BytesVec dictionary = dictionary(column, group, from, count);
    return BytesDecoder.coded(slices(column, group, from, count), count, dictionary);
  }

  /** Decoded once and shared, so that callers can keep what they computed per entry. */
  private BytesVec dictionary(ColumnIndex column, int group, int from, int count) {
    int page = column.dictionaryPage(group);
    BlockCache.Key key = fetcher.key(column, page);
    if (cache.get(key) instanceof Dictionary cached) {
      return cached.entries();
    }
    int entries = column.rows(page);
    int readOnTo = count == 0 ? page + 1 : PageSpan.of(column, group, from, count).endOfRead();
    PageBody body = PageBody.open(fetcher.pages(column, page, page, readOnTo)[0], entries);
    BytesVec decoded = BytesDecoder.dictionary(body, entries);
    cache.put(key, new Dictionary(decoded));
    return decoded;
  }

  private record Dictionary(BytesVec entries) implements BlockCache.Cached {
    @Override
    public long weightBytes() {
      return entries.sizeBytes();
    }
  }

  @Override
  public void expect(int[] columnIds, int group, int from, int count) {
    if (!readAhead.isOn() || count == 0) {
      return;
    }
    checkRange(group, from, count);
    PageRuns runs = fetcher.newRuns();
    for (int columnId : columnIds) {
      ColumnIndex column = index.byId().get(columnId);
      if (column != null) {
        if (column.hasDictionary(group)) {
          int dictionary = column.dictionaryPage(group);
          fetcher.addMissing(column, dictionary, dictionary + 1, runs);
        }
        PageSpan span = PageSpan.of(column, group, from, count);
        fetcher.addMissing(column, span.first(), span.last() + 1, runs);
      }
    }
    fetcher.readAhead(runs);
  }

  /** Number of pages of a column, pseudo ones included; 0 if it is not there. */
  int pages(int columnId) {
    ColumnIndex column = index.byId().get(columnId);
    return column == null ? 0 : column.pages();
  }

  /** Of the object. */
  long sizeBytes() {
    return source.sizeBytes();
  }

  /**
   * Fetches those of some pages that exist and are not in memory.
   *
   * @param stop asked before each request
   * @return bytes fetched, at most {@code limitBytes} and a request
   */
  long fetch(int columnId, int firstPage, int pages, long limitBytes, BooleanSupplier stop) {
    ColumnIndex column = index.byId().get(columnId);
    if (column == null || firstPage < 0 || firstPage >= column.pages()) {
      return 0;
    }
    int end = (int) Math.min(column.pages(), (long) firstPage + pages);
    return decoding(source, () -> fetcher.fetchMissing(column, firstPage, end, limitBytes, stop));
  }

  @Override
  public long[] timestamps(int group, int from, int count) {
    ColumnIndex column = column(SegmentLayout.TIMESTAMP_COLUMN);
    checkRange(group, from, count);
    return decoding(source, () -> VecDecoder.longValues(slices(column, group, from, count), count));
  }

  @Override
  public boolean hasTimestamps() {
    return index.hasTimestamps();
  }

  private Slice[] slices(ColumnIndex column, int group, int from, int count) {
    if (count == 0) {
      return new Slice[0];
    }
    PageSpan span = PageSpan.of(column, group, from, count);
    Page[] pages = fetcher.pages(column, span.first(), span.last(), span.endOfRead());
    Slice[] slices = new Slice[pages.length];
    long row = (long) group * ROW_GROUP_ROWS + from;
    long end = row + count;
    for (int i = 0; i < slices.length; i++) {
      int rows = column.rows(span.first() + i);
      int skipped = (int) (row - column.firstRow(span.first() + i));
      int taken = (int) Math.min(rows - skipped, end - row);
      slices[i] = new Slice(PageBody.open(pages[i], rows), rows, skipped, taken);
      row += taken;
    }
    return slices;
  }

  private void checkRange(int group, int from, int count) {
    boolean inside =
        group >= 0
            && group < rowGroups()
            && from >= 0
            && count >= 0
            && from <= rowsIn(group) - count;
    if (!inside) {
      throw SegmentErrors.misuse(
          "segment '%s' has no rows %d + %d in group %d"
              .formatted(source.objectKey(), from, count, group));
    }
  }

  private ColumnIndex column(int columnId) {
    ColumnIndex column = index.byId().get(columnId);
    if (column == null || columnId < SegmentLayout.TIMESTAMP_COLUMN) {
      throw SegmentErrors.misuse("segment '" + source.objectKey() + "' has no column " + columnId);
    }
    return column;
  }

  @Override
  public OptionalLong find(byte[] key, Timestamp at) {
    return decoding(source, () -> search.find(key, at));
  }

  @Override
  public long lowerBound(byte[] key) {
    return decoding(source, () -> search.lowerBound(key));
  }

  @Override
  public boolean mayContain(byte[] key) {
    return decoding(source, () -> search.mayContain(key));
  }

  @Override
  public byte[] minKey() {
    return index.fences().length == 0 ? new byte[0] : index.fences()[0].clone();
  }

  @Override
  public byte[] maxKey() {
    return index.maxKey().clone();
  }

  @Override
  public Timestamp minTimestamp() {
    return index.minTimestamp();
  }

  @Override
  public Timestamp maxTimestamp() {
    return index.maxTimestamp();
  }

  /** By estimate: page entries and zone maps take several times their encoded size. */
  @Override
  public long weightBytes() {
    return 4L * indexBytes + 1024;
  }

  /**
   * Verified bytes that make no sense are corruption too: of the writer, but no less to be named.
   */
  private static <T> T decoding(SegmentSource source, Supplier<T> decode) {
    try {
      return decode.get();
    } catch (IndexOutOfBoundsException | NegativeArraySizeException | ArithmeticException e) {
      throw SegmentErrors.corrupted(
          source.objectKey(), "its content is malformed: " + e.getMessage(), e);
    }
  }
}

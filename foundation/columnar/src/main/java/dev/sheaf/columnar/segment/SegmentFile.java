package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteCursor;
import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.segment.KeyPage.Position;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
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
  private final PageFetcher fetcher;
  private final SegmentIndex index;
  private final int indexBytes;

  private SegmentFile(SegmentSource source, BlockCache cache, SegmentIndex index, int indexBytes) {
    this.source = source;
    this.cache = cache;
    this.fetcher = new PageFetcher(source, cache);
    this.index = index;
    this.indexBytes = indexBytes;
  }

  /**
   * Reads and verifies the index.
   *
   * @throws dev.sheaf.protocol.error.SheafException XX001 when the object is not a whole segment
   */
  public static SegmentFile open(SegmentSource source, BlockCache cache) {
    long size = source.sizeBytes();
    if (size < SegmentLayout.HEADER_BYTES + SegmentLayout.FOOTER_BYTES) {
      throw SegmentErrors.corrupted(source.objectKey(), "it has only " + size + " bytes");
    }
    int tailLength = (int) Math.min(size, TAIL_BYTES);
    byte[] tail = source.read(size - tailLength, tailLength);
    var footer =
        SegmentLayout.Footer.decode(
            source.objectKey(), tail, tailLength - SegmentLayout.FOOTER_BYTES, size);
    if (tailLength == size) {
      SegmentLayout.checkHeader(source.objectKey(), tail);
    }
    byte[] bytes = tail;
    long at = footer.indexOffset() - (size - tailLength);
    if (at < 0) {
      bytes = source.read(footer.indexOffset(), footer.indexLength());
      at = 0;
    }
    if (Page.crc(bytes, (int) at, footer.indexLength()) != footer.indexCrc()) {
      throw SegmentErrors.corrupted(source.objectKey(), "checksum of the index");
    }
    var cursor = new ByteCursor(bytes, (int) at, (int) at + footer.indexLength());
    SegmentIndex index =
        decoding(source, () -> SegmentIndexCodec.decode(cursor, footer.indexOffset()));
    return new SegmentFile(source, cache, index, footer.indexLength());
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
    return decoding(
        source,
        () -> {
          Slice[] slices = slices(column, group, from, count);
          return switch (column.type()) {
            case BOOL -> VecDecoder.bools(slices, count);
            case INT -> VecDecoder.ints(slices, count);
            case LONG -> VecDecoder.longs(slices, count);
            case INT128 -> VecDecoder.int128s(slices, count);
            case DOUBLE -> VecDecoder.doubles(slices, count);
            case BYTES -> bytes(column, group, slices, count);
          };
        });
  }

  private Vec bytes(ColumnIndex column, int group, Slice[] slices, int count) {
    if (column.id() == KEY_COLUMN) {
      return BytesDecoder.keys(slices, count);
    }
    return column.hasDictionary(group)
        ? BytesDecoder.coded(slices, count, dictionary(column, group))
        : BytesDecoder.plain(slices, count);
  }

  /** Decoded once and shared, so that callers can keep what they computed per entry. */
  private BytesVec dictionary(ColumnIndex column, int group) {
    int page = column.dictionaryPage(group);
    BlockCache.Key key = fetcher.key(column, page);
    if (cache.get(key) instanceof Dictionary cached) {
      return cached.entries();
    }
    int entries = column.rows(page);
    PageBody body = PageBody.open(fetcher.page(column, page), entries);
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
  public long[] timestamps(int group, int from, int count) {
    ColumnIndex column = column(SegmentLayout.TIMESTAMP_COLUMN);
    return decoding(source, () -> VecDecoder.longValues(slices(column, group, from, count), count));
  }

  @Override
  public boolean hasTimestamps() {
    return index.hasTimestamps();
  }

  private Slice[] slices(ColumnIndex column, int group, int from, int count) {
    if (group < 0
        || group >= rowGroups()
        || from < 0
        || count < 0
        || from > rowsIn(group) - count) {
      throw SegmentErrors.misuse(
          "segment '%s' has no rows %d + %d in group %d"
              .formatted(source.objectKey(), from, count, group));
    }
    if (count == 0) {
      return new Slice[0];
    }
    long firstRow = (long) group * ROW_GROUP_ROWS + from;
    int first = column.pageOf(firstRow);
    int last = column.pageOf(firstRow + count - 1);
    boolean scan = last > first || count == column.rows(first);
    Page[] pages = fetcher.pages(column, first, last, scan ? column.endPage(group) : last + 1);
    Slice[] slices = new Slice[pages.length];
    long row = firstRow;
    for (int p = first; p <= last; p++) {
      int rows = column.rows(p);
      int skipped = (int) (row - column.firstRow(p));
      int taken = (int) Math.min(rows - skipped, firstRow + count - row);
      slices[p - first] = new Slice(PageBody.open(pages[p - first], rows), rows, skipped, taken);
      row += taken;
    }
    return slices;
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
    return decoding(source, () -> search(key, at));
  }

  private OptionalLong search(byte[] key, Timestamp at) {
    if (rowCount() == 0 || Arrays.compareUnsigned(key, index.maxKey()) > 0) {
      return OptionalLong.empty();
    }
    int above = firstFenceAtOrAbove(key);
    boolean isFence = above < index.fences().length && Arrays.equals(index.fences()[above], key);
    ColumnIndex keys = column(KEY_COLUMN);
    long row;
    if (above == 0) {
      row = isFence ? 0 : -1;
    } else if (!isFence && !fetcher.isCached(keys, above - 1) && !bloomMayHold(key, above - 1)) {
      row = -1;
    } else {
      Position position = keyPage(above - 1).lowerBound(key);
      boolean found = position.found() || (isFence && position.row() == keys.rows(above - 1));
      row = found ? keys.firstRow(above - 1) + position.row() : -1;
    }
    return row < 0 ? OptionalLong.empty() : newestAtOrBelow(key, row, at);
  }

  /** Among the versions of a key, which begin at {@code row} and descend by timestamp. */
  private OptionalLong newestAtOrBelow(byte[] key, long row, Timestamp at) {
    if (!hasTimestamps() || timestamp(row) <= at.value()) {
      return OptionalLong.of(row);
    }
    long low = row + 1;
    long end = lowerBound(Arrays.copyOf(key, key.length + 1)); // the least key above this one
    long high = end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (timestamp(middle) <= at.value()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low < end ? OptionalLong.of(low) : OptionalLong.empty();
  }

  private long timestamp(long row) {
    ColumnIndex column = column(SegmentLayout.TIMESTAMP_COLUMN);
    int page = column.pageOf(row);
    PageBody body = PageBody.open(fetcher.page(column, page), column.rows(page));
    VecDecoder.expect(body, Page.INTEGERS);
    return IntegerStream.get(body.bytes(), body.at(), (int) (row - column.firstRow(page)));
  }

  @Override
  public long lowerBound(byte[] key) {
    if (rowCount() == 0 || Arrays.compareUnsigned(key, index.maxKey()) > 0) {
      return rowCount();
    }
    int above = firstFenceAtOrAbove(key);
    if (above == 0) {
      return 0;
    }
    return decoding(
        source,
        () -> column(KEY_COLUMN).firstRow(above - 1) + keyPage(above - 1).lowerBound(key).row());
  }

  private int firstFenceAtOrAbove(byte[] key) {
    int found = Arrays.binarySearch(index.fences(), key, Arrays::compareUnsigned);
    if (found < 0) {
      return -found - 1;
    }
    // versions of one key may fill several pages: the first of equal fences
    while (found > 0 && Arrays.equals(index.fences()[found - 1], key)) {
      found--;
    }
    return found;
  }

  private KeyPage keyPage(int page) {
    ColumnIndex keys = column(KEY_COLUMN);
    PageBody body = PageBody.open(fetcher.page(keys, page), keys.rows(page));
    VecDecoder.expect(body, Page.KEYS);
    return KeyPage.open(body);
  }

  @Override
  public boolean mayContain(byte[] key) {
    if (rowCount() == 0 || Arrays.compareUnsigned(key, index.maxKey()) > 0) {
      return false;
    }
    int above = firstFenceAtOrAbove(key);
    if (above < index.fences().length && Arrays.equals(index.fences()[above], key)) {
      return true;
    }
    return above > 0 && bloomMayHold(key, above - 1);
  }

  private boolean bloomMayHold(byte[] key, int keyPage) {
    ColumnIndex bloom = index.byId().get(SegmentLayout.BLOOM_COLUMN);
    if (bloom == null) {
      return true;
    }
    int page = bloom.pageOf(column(KEY_COLUMN).firstRow(keyPage));
    return BloomFilter.mayContain(fetcher.page(bloom, page), ByteHash.of(key, 0, key.length));
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

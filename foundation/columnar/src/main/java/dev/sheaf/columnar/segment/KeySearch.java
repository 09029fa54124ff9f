package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.segment.KeyPage.Position;
import dev.sheaf.protocol.Timestamp;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Finds rows by key: fences in memory lead to one key page, the bloom filter spares reading it for
 * most absent keys. Thread-safe.
 */
final class KeySearch {
  private final SegmentIndex index;
  private final PageFetcher fetcher;
  private final ColumnIndex keys;

  KeySearch(SegmentIndex index, PageFetcher fetcher) {
    this.index = index;
    this.fetcher = fetcher;
    this.keys = index.column(SegmentReader.KEY_COLUMN);
  }

  boolean mayContain(byte[] key) {
    if (isAboveAll(key)) {
      return false;
    }
    int above = firstFenceAtOrAbove(key);
    return isFence(above, key) || (above > 0 && bloomMayHold(key, above - 1));
  }

  long lowerBound(byte[] key) {
    if (isAboveAll(key)) {
      return index.rowCount();
    }
    int above = firstFenceAtOrAbove(key);
    return above == 0 ? 0 : keys.firstRow(above - 1) + keyPage(above - 1).lowerBound(key).row();
  }

  OptionalLong find(byte[] key, Timestamp at) {
    if (isAboveAll(key)) {
      return OptionalLong.empty();
    }
    int above = firstFenceAtOrAbove(key);
    boolean isFence = isFence(above, key);
    if (above == 0) {
      return isFence ? newestAtOrBelow(key, 0, at) : OptionalLong.empty();
    }
    // the first version may lie at the end of the page before its fence
    int page = above - 1;
    if (!isFence && !fetcher.isCached(keys, page) && !bloomMayHold(key, page)) {
      return OptionalLong.empty();
    }
    Position position = keyPage(page).lowerBound(key);
    boolean found = position.found() || (isFence && position.row() == keys.rows(page));
    return found
        ? newestAtOrBelow(key, keys.firstRow(page) + position.row(), at)
        : OptionalLong.empty();
  }

  /** Among the versions of a key, which begin at {@code row} and descend by timestamp. */
  private OptionalLong newestAtOrBelow(byte[] key, long row, Timestamp at) {
    if (!index.hasTimestamps() || timestamp(row) <= at.value()) {
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
    ColumnIndex timestamps = index.column(SegmentLayout.TIMESTAMP_COLUMN);
    int page = timestamps.pageOf(row);
    PageBody body = PageBody.open(fetcher.page(timestamps, page), timestamps.rows(page));
    VecDecoder.expect(body, Page.INTEGERS);
    return IntegerStream.get(body.bytes(), body.at(), (int) (row - timestamps.firstRow(page)));
  }

  private boolean isAboveAll(byte[] key) {
    return index.rowCount() == 0 || Arrays.compareUnsigned(key, index.maxKey()) > 0;
  }

  private boolean isFence(int fence, byte[] key) {
    return fence < index.fences().length && Arrays.equals(index.fences()[fence], key);
  }

  private int firstFenceAtOrAbove(byte[] key) {
    int low = 0;
    int high = index.fences().length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(index.fences()[middle], key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private KeyPage keyPage(int page) {
    PageBody body = PageBody.open(fetcher.page(keys, page), keys.rows(page));
    VecDecoder.expect(body, Page.KEYS);
    return KeyPage.open(body);
  }

  private boolean bloomMayHold(byte[] key, int keyPage) {
    ColumnIndex bloom = index.column(SegmentLayout.BLOOM_COLUMN);
    Page filter = fetcher.page(bloom, bloom.pageOf(keys.firstRow(keyPage)));
    return BloomFilter.mayContain(filter, ByteHash.of(key, 0, key.length));
  }
}

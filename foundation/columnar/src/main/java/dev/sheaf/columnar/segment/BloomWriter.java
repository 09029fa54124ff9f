package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bloom filter as a column of its own: one page for some 16 key pages, so that a lookup, which
 * knows the key page from the fences, reads 20 KiB and not the filter of the whole segment. Layout
 * of a page: {@link BloomFilter}.
 *
 * <p>A key whose versions go on in the next key page is not added there again: it is that page's
 * fence, and lookups see fences first.
 */
final class BloomWriter extends ColumnWriter {
  private static final int TARGET_ROWS = 16 * KeyPage.ROWS;

  private long[] hashes = new long[256];
  private int count;
  private int rows;

  BloomWriter(Path file) {
    super(new SegmentColumn(SegmentLayout.BLOOM_COLUMN, PhysicalType.BYTES), file);
  }

  /** A key other than the one before. */
  void add(long hash) {
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * count);
    }
    hashes[count++] = hash;
  }

  /** The keys since the last call make up one key page. */
  void endKeyPage(int pageRows) {
    rows += pageRows;
    if (rows >= TARGET_ROWS) {
      flush();
    }
  }

  private void flush() {
    BloomFilter.write(hashes, count, page);
    emit(rows);
    count = 0;
    rows = 0;
  }

  @Override
  void endGroup() {
    if (rows > 0) {
      flush();
    }
    block(new ZoneMap(null, null, 0, false), false);
  }

  @Override
  void append(Vec values, int @Nullable [] selection, int from, int to) {
    throw wrongType(values);
  }
}

package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;

/** Where one column's pages lie in the file. Pages are numbered over the column. Immutable. */
final class ColumnIndex {
  private final int id;
  private final PhysicalType type;
  private final ZoneMap[] zones;
  private final boolean[] dictionary;

  /** First page of each group, then the number of pages. */
  private final int[] firstPage;

  /** First row of each page, over the segment; a dictionary's is its group's. */
  private final long[] firstRow;

  /** Offset of each page in the file, then the column's end. */
  private final long[] offset;

  private final int[] rows;
  private final int[] crc;

  ColumnIndex(int id, PhysicalType type, List<BlockEntry> blocks, long startOffset) {
    this.id = id;
    this.type = type;
    this.zones = blocks.stream().map(BlockEntry::zone).toArray(ZoneMap[]::new);
    this.dictionary = new boolean[zones.length];
    int pages = blocks.stream().mapToInt(block -> block.pages().size()).sum();
    this.firstPage = new int[blocks.size() + 1];
    this.firstRow = new long[pages];
    this.offset = new long[pages + 1];
    this.rows = new int[pages];
    this.crc = new int[pages];
    fill(blocks, startOffset);
  }

  private void fill(List<BlockEntry> blocks, long startOffset) {
    int page = 0;
    offset[0] = startOffset;
    for (int group = 0; group < blocks.size(); group++) {
      long row = (long) group * SegmentReader.ROW_GROUP_ROWS;
      dictionary[group] = blocks.get(group).dictionary();
      boolean entries = dictionary[group];
      for (PageEntry entry : blocks.get(group).pages()) {
        firstRow[page] = row;
        rows[page] = entry.rows();
        crc[page] = entry.crc();
        offset[page + 1] = offset[page] + entry.length();
        row += entries ? 0 : entry.rows();
        entries = false;
        page++;
      }
      firstPage[group + 1] = page;
    }
  }

  int id() {
    return id;
  }

  PhysicalType type() {
    return type;
  }

  ZoneMap zone(int group) {
    return zones[group];
  }

  boolean hasDictionary(int group) {
    return dictionary[group];
  }

  int dictionaryPage(int group) {
    return firstPage[group];
  }

  int pages() {
    return rows.length;
  }

  int endPage(int group) {
    return firstPage[group + 1];
  }

  long firstRow(int page) {
    return firstRow[page];
  }

  /** Rows of a page; entries of a dictionary. */
  int rows(int page) {
    return rows[page];
  }

  int crc(int page) {
    return crc[page];
  }

  long offset(int page) {
    return offset[page];
  }

  int length(int page) {
    return (int) (offset[page + 1] - offset[page]);
  }

  long endOffset() {
    return offset[rows.length];
  }

  /** The page that holds a row of the segment. */
  int pageOf(long row) {
    int group = (int) (row / SegmentReader.ROW_GROUP_ROWS);
    int low = firstPage[group] + (hasDictionary(group) ? 1 : 0);
    int high = firstPage[group + 1] - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstRow[middle] <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}

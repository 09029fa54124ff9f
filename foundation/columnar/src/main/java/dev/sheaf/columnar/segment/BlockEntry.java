package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import java.util.List;

/**
 * One column's share of one row group.
 *
 * @param dictionary whether the first page is the dictionary of the others
 */
record BlockEntry(ZoneMap zone, boolean dictionary, List<PageEntry> pages) {}

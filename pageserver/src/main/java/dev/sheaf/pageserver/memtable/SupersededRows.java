package dev.sheaf.pageserver.memtable;

import java.util.Map;

/**
 * Rows of segments that the versions of a block supersede. Immutable; the arrays are shared.
 *
 * @param bySegment by the segment's number in this process: row numbers, ascending
 */
public record SupersededRows(Map<Integer, int[]> bySegment) {}

package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An immutable columnar file of row versions, sorted by key ascending, then timestamp descending.
 * Rows are numbered from 0 over the whole segment; row groups hold {@link #ROW_GROUP_ROWS} rows
 * each but the last. Thread-safe.
 *
 * <p>Every block is verified by its checksum before a value of it is believed: XX001 otherwise,
 * naming the object.
 */
public interface SegmentReader {
  int ROW_GROUP_ROWS = 65_536;

  /** Pseudo column: the encoded table key, BYTES. */
  int KEY_COLUMN = 0;

  long rowCount();

  int rowGroups();

  int rowsIn(int group);

  /** Table columns present, ascending by id, without the pseudo columns. */
  List<SegmentColumn> columns();

  record SegmentColumn(int columnId, PhysicalType type) {}

  boolean hasColumn(int columnId);

  /** Least and greatest value, null count; null when the column is absent. */
  @Nullable ZoneMap zone(int columnId, int group);

  /**
   * @param min physical value; null when all are NULL or unknown. For BYTES a prefix, so a lower
   *     bound
   * @param max likewise an upper bound; null when unknown
   * @param nulls number of NULLs
   * @param hasNaN DOUBLE: NaNs are outside of min and max
   */
  record ZoneMap(@Nullable Object min, @Nullable Object max, int nulls, boolean hasNaN) {}

  /**
   * Decodes {@code count} values from row {@code from} of the group. The column must be present.
   */
  Vec read(int columnId, int group, int from, int count);

  /**
   * Says that these rows of these columns are likely to be read soon. What is not in memory may be
   * fetched in the background then, in few requests side by side instead of one after the other;
   * nothing is promised, nothing fails, and columns that the segment does not have are left out.
   *
   * @param columnIds table columns and {@link #KEY_COLUMN}
   */
  default void expect(int[] columnIds, int group, int from, int count) {}

  /**
   * Commit timestamps of rows of the group; fails if the segment has a fixed timestamp and so
   * stores none.
   */
  long[] timestamps(int group, int from, int count);

  boolean hasTimestamps();

  /**
   * The newest row with this key whose timestamp is at or below {@code at} (ignored without stored
   * timestamps). Knows nothing of delete vectors.
   */
  OptionalLong find(byte[] key, Timestamp at);

  /** First row whose key is at or above {@code key}; {@link #rowCount} if none. */
  long lowerBound(byte[] key);

  /** False when the key is surely absent (fences, bloom filter). */
  boolean mayContain(byte[] key);

  byte[] minKey();

  byte[] maxKey();

  Timestamp minTimestamp();

  Timestamp maxTimestamp();
}

package dev.sheaf.compute.fake;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.VecBuilder;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A segment over a sorted list, with exact zone maps. */
public final class MemorySegment implements SegmentReader {
  private final List<Entry> entries;
  private final Map<Integer, PhysicalType> columns = new TreeMap<>();

  record Entry(byte[] key, long timestamp, Row row) {}

  MemorySegment(List<Entry> entries) {
    this.entries = entries;
    for (Entry entry : entries) {
      for (int i = 0; i < entry.row().size(); i++) {
        columns.put(entry.row().columnIds()[i], entry.row().types()[i]);
      }
    }
  }

  Entry entry(int i) {
    return entries.get(i);
  }

  static Object value(Row row, ColumnRequest column) {
    int at = row.indexOf(column.columnId());
    return at < 0 ? column.missingValue() : row.values()[at];
  }

  @Override
  public long rowCount() {
    return entries.size();
  }

  @Override
  public int rowGroups() {
    return (entries.size() + ROW_GROUP_ROWS - 1) / ROW_GROUP_ROWS;
  }

  @Override
  public int rowsIn(int group) {
    return Math.min(ROW_GROUP_ROWS, entries.size() - group * ROW_GROUP_ROWS);
  }

  @Override
  public List<SegmentColumn> columns() {
    List<SegmentColumn> all = new ArrayList<>();
    columns.forEach((id, type) -> all.add(new SegmentColumn(id, type)));
    return all;
  }

  @Override
  public boolean hasColumn(int columnId) {
    return columns.containsKey(columnId);
  }

  @Override
  public ZoneMap zone(int columnId, int group) {
    if (!hasColumn(columnId)) {
      return null;
    }
    Object min = null;
    Object max = null;
    int nulls = 0;
    for (int i = 0; i < rowsIn(group); i++) {
      Object value = value(columnId, group * ROW_GROUP_ROWS + i);
      if (value == null) {
        nulls++;
      } else {
        min = min == null || compare(value, min) < 0 ? value : min;
        max = max == null || compare(value, max) > 0 ? value : max;
      }
    }
    return new ZoneMap(min, max, nulls, false);
  }

  @SuppressWarnings("unchecked")
  private static int compare(Object a, Object b) {
    return a instanceof byte[] bytes
        ? TableKey.compare(bytes, (byte[]) b)
        : ((Comparable<Object>) a).compareTo(b);
  }

  private Object value(int columnId, int row) {
    Row stored = entries.get(row).row();
    int at = stored.indexOf(columnId);
    return at < 0 ? null : stored.values()[at];
  }

  @Override
  public Vec read(int columnId, int group, int from, int count) {
    PhysicalType type = columnId == KEY_COLUMN ? PhysicalType.BYTES : columns.get(columnId);
    var builder = new VecBuilder(type, count);
    for (int i = 0; i < count; i++) {
      int row = group * ROW_GROUP_ROWS + from + i;
      builder.append(columnId == KEY_COLUMN ? entries.get(row).key() : value(columnId, row));
    }
    return builder.build();
  }

  @Override
  public long[] timestamps(int group, int from, int count) {
    int first = group * ROW_GROUP_ROWS + from;
    return entries.subList(first, first + count).stream().mapToLong(Entry::timestamp).toArray();
  }

  @Override
  public boolean hasTimestamps() {
    return true;
  }

  @Override
  public OptionalLong find(byte[] key, Timestamp at) {
    return LongStream.range(lowerBound(key), rowCount())
        .takeWhile(i -> TableKey.compare(entries.get((int) i).key(), key) == 0)
        .filter(i -> entries.get((int) i).timestamp() <= at.value())
        .findFirst();
  }

  @Override
  public long lowerBound(byte[] key) {
    int low = 0;
    int high = entries.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (TableKey.compare(entries.get(middle).key(), key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public boolean mayContain(byte[] key) {
    return find(key, Timestamp.MAX).isPresent();
  }

  @Override
  public byte[] minKey() {
    return entries.getFirst().key();
  }

  @Override
  public byte[] maxKey() {
    return entries.getLast().key();
  }

  @Override
  public Timestamp minTimestamp() {
    return new Timestamp(entries.stream().mapToLong(Entry::timestamp).min().orElseThrow());
  }

  @Override
  public Timestamp maxTimestamp() {
    return new Timestamp(entries.stream().mapToLong(Entry::timestamp).max().orElseThrow());
  }
}

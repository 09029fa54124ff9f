package dev.sheaf.compute.catalog;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.compute.sql.TableStatistics.ColumnStatistics;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Least and greatest values of a table's numeric columns, from the zone maps in the indexes of its
 * largest segments: no data is read. Stateless.
 */
final class ColumnRanges {
  /** Segments looked at; what the others hold is taken to be alike. */
  private static final int MAX_SEGMENTS = 32;

  private ColumnRanges() {}

  /** By column id; a column without entry is unknown. */
  static Map<Integer, ColumnStatistics> of(
      ShardAccess shard, TableDescriptor table, Deadline deadline) {
    List<ColumnDescriptor> numeric =
        table.columns().stream().filter(c -> isNumeric(c.type().physical())).toList();
    if (numeric.isEmpty()) {
      return Map.of();
    }
    var request =
        new ReadRequest(
            shard.shard(),
            shard.service().snapshot(shard.shard(), deadline).timestamp(),
            KeyRange.ofTable(table.id()),
            numeric.stream()
                .map(c -> new ColumnRequest(c.id(), c.type().physical(), c.addedDefault()))
                .toList());
    try (ReadView view = shard.service().openView(request, deadline)) {
      List<SegmentReader> segments =
          view.segments().stream()
              // One that reaches beyond the table holds other tables' values too.
              .filter(s -> !s.checkRange())
              .sorted(Comparator.comparingLong(SegmentView::rowCount).reversed())
              .limit(MAX_SEGMENTS)
              .map(s -> shard.segments().open(s.objectKey(), s.sizeBytes()))
              .toList();
      Map<Integer, ColumnStatistics> ranges = new HashMap<>();
      for (ColumnDescriptor column : numeric) {
        ColumnStatistics range = range(column.id(), segments);
        if (range != null) {
          ranges.put(column.id(), range);
        }
      }
      return Map.copyOf(ranges);
    }
  }

  private static boolean isNumeric(PhysicalType type) {
    return switch (type) {
      case INT, LONG, INT128, DOUBLE -> true;
      case BOOL, BYTES -> false;
    };
  }

  private static @Nullable ColumnStatistics range(int columnId, List<SegmentReader> segments) {
    Object min = null;
    Object max = null;
    long nulls = 0;
    long rows = 0;
    for (SegmentReader segment : segments) {
      int groups = (int) Math.ceilDiv(segment.rowCount(), (long) SegmentReader.ROW_GROUP_ROWS);
      for (int group = 0; group < groups; group++) {
        ZoneMap zone = segment.zone(columnId, group);
        if (zone == null) {
          continue;
        }
        min =
            zone.min() != null && (min == null || compare(zone.min(), min) < 0) ? zone.min() : min;
        max =
            zone.max() != null && (max == null || compare(zone.max(), max) > 0) ? zone.max() : max;
        nulls += zone.nulls();
        rows += segment.rowsIn(group);
      }
    }
    return min == null || max == null
        ? null
        : new ColumnStatistics(0, min, max, (double) nulls / rows);
  }

  private static int compare(Object a, Object b) {
    return a instanceof BigInteger x && b instanceof BigInteger y
        ? x.compareTo(y)
        : a instanceof Double || b instanceof Double
            ? Double.compare(((Number) a).doubleValue(), ((Number) b).doubleValue())
            : Long.compare(((Number) a).longValue(), ((Number) b).longValue());
  }
}

package dev.sheaf.system.sim;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Reads a table of numbers as a compute does: segments masked by their deletes, then the tail. */
final class Scan {
  private static final List<ColumnRequest> COLUMNS =
      List.of(
          new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
          new ColumnRequest(2, PhysicalType.LONG, 0L));

  private Scan() {}

  /**
   * @param rows value by key
   * @param twice keys that were visible more than once
   */
  record Found(TreeMap<Long, Long> rows, List<Long> twice) {
    private void add(byte[] key, long value) {
      long number = Rows.numberOf(key);
      if (rows.put(number, value) != null) {
        twice.add(number);
      }
    }
  }

  static Found run(
      ShardService shards,
      ObjectStore objects,
      ShardId shard,
      Timestamp snapshot,
      int table,
      Deadline deadline) {
    return run(shards, objects, shard, snapshot, table, deadline, () -> {});
  }

  /**
   * @param linger runs once the view is open, and after each of its segments
   */
  static Found run(
      ShardService shards,
      ObjectStore objects,
      ShardId shard,
      Timestamp snapshot,
      int table,
      Deadline deadline,
      Runnable linger) {
    var found = new Found(new TreeMap<>(), new ArrayList<>());
    KeyRange range = KeyRange.ofTable(table);
    var segments = new Segments(objects::getRange, new BlockCache(1 << 20));
    try (ReadView view =
        shards.openView(new ReadRequest(shard, snapshot, range, COLUMNS), deadline)) {
      linger.run();
      for (SegmentView segment : view.segments()) {
        read(
            segments.open(segment.objectKey(), segment.sizeBytes()),
            segment,
            snapshot,
            range,
            found);
        linger.run();
      }
      try (BatchSource tail = view.tail()) {
        for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
          for (int i = 0; i < batch.selected(); i++) {
            int row = batch.row(i);
            found.add(((BytesVec) batch.column(0)).bytes(row), (Long) batch.column(1).value(row));
          }
        }
      }
    }
    return found;
  }

  private static void read(
      SegmentReader segment, SegmentView view, Timestamp snapshot, KeyRange range, Found found) {
    int[] deleted = view.deleted();
    for (int group = 0; group < segment.rowGroups(); group++) {
      int count = segment.rowsIn(group);
      BytesVec keys = (BytesVec) segment.read(SegmentReader.KEY_COLUMN, group, 0, count);
      LongVec values = (LongVec) segment.read(2, group, 0, count);
      long[] timestamps = view.checkTimestamps() ? segment.timestamps(group, 0, count) : null;
      for (int i = 0; i < count; i++) {
        byte[] key = keys.bytes(i);
        int row = group * SegmentReader.ROW_GROUP_ROWS + i;
        if (Arrays.binarySearch(deleted, row) < 0
            && (timestamps == null || timestamps[i] <= view.visibleUpTo().value())
            && range.contains(key)) {
          found.add(key, (Long) values.value(i));
        }
      }
    }
  }
}

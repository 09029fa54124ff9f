package dev.sheaf.compute.storage;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows {@code [begin, end)} of a segment as batches: masks rows that the snapshot does not show,
 * decodes the filter's columns, and the others only where a row survived.
 */
final class SegmentRows implements BatchSource {

  /**
   * A segment as the scan sees it.
   *
   * @param hidden ascending row numbers that are not visible: the view's and the keys that the
   *     transaction wrote itself
   * @param checkAgainst rows newer than it are not visible; null = no row is newer
   */
  record Source(SegmentReader reader, int[] hidden, @Nullable Timestamp checkAgainst) {}

  private static final int MIN_ROWS = 64;

  private final Source source;
  private final SegmentReader reader;
  private final ReadColumns columns;
  private final ZonePruner pruner;
  private final @Nullable LateFilter filter;
  private final boolean byKey;
  private final boolean backward;
  private final ScanCounters counters;
  private final ScanAhead ahead;
  private long begin;
  private long end;
  private int batchRows;
  private int groupAdmitted = -1;
  private int groupAnnounced = -1;
  private boolean groupSurvived;

  /**
   * @param order by key lets the rows come in that order, and end when the filter {@linkplain
   *     LateFilter#isOver is over}; null = any
   */
  SegmentRows(
      Source source,
      long begin,
      long end,
      ReadColumns columns,
      ZonePruner pruner,
      @Nullable LateFilter filter,
      @Nullable ScanOrder order,
      ScanCounters counters,
      ScanAhead ahead) {
    this.source = source;
    this.reader = source.reader();
    this.begin = begin;
    this.end = end;
    this.columns = columns;
    this.pruner = pruner;
    this.filter = filter;
    this.byKey = order != null && order.byKey();
    this.backward = order != null && order.descending();
    this.batchRows = order == null || !byKey ? Batch.MAX_ROWS : firstRows(order.rows());
    this.counters = counters;
    this.ahead = ahead;
  }

  /** A power of two: a few rows are decoded faster than many, if they are enough. */
  private static int firstRows(int wanted) {
    int least = Math.clamp(wanted, MIN_ROWS, Batch.MAX_ROWS);
    return Integer.highestOneBit(2 * least - 1);
  }

  @Override
  public @Nullable Batch next() {
    while (begin < end) {
      int group = (int) ((backward ? end - 1 : begin) / SegmentReader.ROW_GROUP_ROWS);
      long groupStart = (long) group * SegmentReader.ROW_GROUP_ROWS;
      int first = (int) (Math.max(begin, groupStart) - groupStart);
      int last = (int) (Math.min(end, groupStart + reader.rowsIn(group)) - groupStart);
      if (group != groupAdmitted && !pruner.mayMatch(reader, group)) {
        proceed(groupStart + first, groupStart + last);
        continue;
      }
      groupAdmitted = group;
      // Batches begin at multiples of their size, wherever the range begins.
      int start = backward ? Math.max(first, (last - 1) / batchRows * batchRows) : first;
      int stop = backward ? last : Math.min(last, (first / batchRows + 1) * batchRows);
      announce(group, start, stop - start);
      Batch batch = read(group, start, stop - start);
      proceed(groupStart + start, groupStart + stop);
      batchRows = Math.min(Batch.MAX_ROWS, 2 * batchRows);
      if (byKey && filter != null && filter.isOver()) {
        begin = end;
      }
      // At the end of each group the caller gets a chance to notice cancellation.
      if (!batch.isEmpty() || start == first && stop == last) {
        return batch;
      }
    }
    return null;
  }

  private boolean isSearching() {
    return batchRows < Batch.MAX_ROWS;
  }

  private void announce(int group, int start, int count) {
    if (isSearching()) {
      ahead.reading(group, start, count);
    } else if (group != groupAnnounced) {
      groupAnnounced = group;
      groupSurvived = false;
      ahead.entering(group);
    }
  }

  /** The rows between are done; they are at that end where this one works. */
  private void proceed(long start, long stop) {
    if (backward) {
      end = start;
    } else {
      begin = stop;
    }
  }

  private Batch read(int group, int from, int count) {
    Batch live = visible(group, from, count);
    if (live.isEmpty()) {
      return empty();
    }
    Vec[] vectors = live.columns();
    if (filter != null) {
      for (int position : filter.columns()) {
        vectors[position] = decode(columns.get(position), group, from, count);
      }
      Batch passed = filter.apply(live);
      if (passed.isEmpty()) {
        return empty();
      }
      live = new Batch(vectors, count, passed.selection(), passed.selected());
    }
    if (!groupSurvived && !isSearching()) {
      groupSurvived = true;
      ahead.survived(group);
    }
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] == null) {
        vectors[i] = decode(columns.get(i), group, from, count);
      }
    }
    return live;
  }

  /** A batch without columns yet, whose selection names the rows that the snapshot shows. */
  private Batch visible(int group, int from, int count) {
    Vec[] undecoded = new Vec[columns.size()];
    long first = (long) group * SegmentReader.ROW_GROUP_ROWS + from;
    int[] hidden = source.hidden();
    int at = Arrays.binarySearch(hidden, (int) first);
    at = at < 0 ? -at - 1 : at;
    boolean someHidden = at < hidden.length && hidden[at] < first + count;
    if (!someHidden && source.checkAgainst() == null) {
      return Batch.of(undecoded, count);
    }
    long[] timestamps =
        source.checkAgainst() == null ? null : reader.timestamps(group, from, count);
    int[] selection = new int[count];
    int selected = 0;
    for (int i = 0; i < count; i++) {
      if (at < hidden.length && hidden[at] == first + i) {
        at++;
      } else if (timestamps == null || isOld(timestamps[i])) {
        selection[selected++] = i;
      }
    }
    return new Batch(undecoded, count, selected == count ? null : selection, selected);
  }

  private boolean isOld(long timestamp) {
    return source.checkAgainst() == null || timestamp <= source.checkAgainst().value();
  }

  private Vec decode(ColumnRequest column, int group, int from, int count) {
    if (column.columnId() != SegmentReader.KEY_COLUMN && !reader.hasColumn(column.columnId())) {
      return VecBuilder.constant(column.type(), column.missingValue(), count);
    }
    Vec vector = reader.read(column.columnId(), group, from, count);
    counters.bytesRead.add(decodedBytes(vector, count));
    return vector;
  }

  private static long decodedBytes(Vec vector, int count) {
    return switch (vector) {
      case Vec.BoolVec _ -> count;
      case Vec.IntVec _ -> 4L * count;
      case Vec.LongVec _, Vec.DoubleVec _ -> 8L * count;
      case Vec.Int128Vec _ -> 16L * count;
      case Vec.BytesVec bytes when bytes.codes() != null -> 4L * count;
      case Vec.BytesVec bytes -> Arrays.stream(bytes.length(), 0, count).asLongStream().sum();
    };
  }

  private Batch empty() {
    Vec[] none = new Vec[columns.size()];
    Arrays.setAll(none, i -> VecBuilder.empty(columns.get(i).type()));
    return Batch.of(none, 0);
  }

  @Override
  public void close() {
    begin = end;
  }
}

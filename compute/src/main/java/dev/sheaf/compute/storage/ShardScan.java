package dev.sheaf.compute.storage;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.storage.OwnWrites.OwnWrite;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.compute.storage.StatementStorage.Scan;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
import dev.sheaf.compute.storage.StatementStorage.ScanStatistics;
import dev.sheaf.compute.storage.StatementStorage.Split;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pinned view cut into splits. Immutable after construction; closing it unpins the view. */
final class ShardScan implements Scan {
  /** Two row groups: enough work to pay for a task, small enough to spread. */
  static final long SPLIT_ROWS = 2L * SegmentReader.ROW_GROUP_ROWS;

  private final ReadView view;
  private final ReadColumns columns;
  private final KeyRange range;
  private final @Nullable KeyRange beyond;
  private final Timestamp snapshot;
  private final @Nullable LateFilter filter;
  private final @Nullable ScanOrder order;
  private final ZonePruner pruner;
  private final List<OwnWrite> own;
  private final ScanCounters counters = new ScanCounters();
  private final List<RowsSplit> splits = new ArrayList<>();

  /**
   * @param view its tail's batches end with the key if {@code own} is not empty
   * @param own the transaction's writes in the range, ascending
   */
  ShardScan(
      ReadView view,
      SegmentOpener segments,
      ReadColumns columns,
      StatementStorage.ScanSpec spec,
      KeyRange range,
      Timestamp snapshot,
      List<OwnWrite> own) {
    this.view = view;
    this.columns = columns;
    KeyRange covered = view.covered();
    this.range = covered == null ? range : covered;
    this.beyond = covered == null ? null : rest(range, covered);
    this.snapshot = snapshot;
    this.filter = spec.lateFilter();
    this.order = spec.order();
    this.pruner = new ZonePruner(spec.pruning(), filter, columns);
    this.own = covered == null ? own : own.stream().filter(w -> covered.contains(w.key())).toList();
    if (view.segments().size() > 1) {
      view.segments().forEach(s -> segments.expect(s.objectKey(), s.sizeBytes()));
    }
    boolean longTail = view.tailRows() > Batch.MAX_ROWS;
    if (longTail) {
      // Nobody can help the one who reads it, so it is begun first.
      addTail();
    }
    for (SegmentView segment : view.segments()) {
      addSegment(segment, segments.open(segment.objectKey(), segment.sizeBytes()));
    }
    if (!longTail && view.tailRows() > 0) {
      addTail();
    }
    if (!this.own.isEmpty()) {
      addSplit(this.own.size(), null, () -> new OwnRows(this.own, columns, copyOfFilter()));
    }
    if (order != null) {
      splits.sort(bestFirst(order));
    }
  }

  /** What is behind or before a part that reaches to one end of the range. */
  private static KeyRange rest(KeyRange range, KeyRange covered) {
    byte[] end = covered.endExclusive();
    return end == null || !Arrays.equals(covered.startInclusive(), range.startInclusive())
        ? new KeyRange(range.startInclusive(), covered.startInclusive())
        : new KeyRange(end, range.endExclusive());
  }

  private void addTail() {
    addSplit(
        view.tailRows(),
        null,
        () -> new TailRows(view.tail(), columns, own, copyOfFilter(), endsEarly(), counters));
  }

  /** Whether rows come in the order in which they are wanted, where they come in key order. */
  private boolean endsEarly() {
    return order != null && order.byKey() && !order.descending();
  }

  /** Those of which nothing is known come first: they are the small and fresh ones. */
  private static Comparator<RowsSplit> bestFirst(ScanOrder order) {
    Comparator<Object> ascending = ZonePruner::compare;
    return Comparator.comparing(
        RowsSplit::best,
        Comparator.nullsFirst(order.descending() ? ascending.reversed() : ascending));
  }

  private void addSegment(SegmentView segment, SegmentReader reader) {
    boolean fixed = !segment.fixedTimestamp().equals(Timestamp.ZERO);
    if (fixed && segment.fixedTimestamp().isAfter(snapshot)) {
      return;
    }
    long from = 0;
    long end = reader.rowCount();
    if (segment.checkRange()) {
      from = reader.lowerBound(range.startInclusive());
      end = range.endExclusive() == null ? end : reader.lowerBound(range.endExclusive());
    }
    int splitsBefore = splits.size();
    if (from < end) {
      Timestamp checkAgainst = segment.checkTimestamps() && !fixed ? segment.visibleUpTo() : null;
      int[] hidden = hidden(segment, reader);
      addRows(new SegmentRows.Source(reader, hidden, checkAgainst), from, end);
    }
    if (splits.size() == splitsBefore) {
      counters.segmentsSkipped.increment();
    }
  }

  private void addRows(SegmentRows.Source source, long from, long end) {
    var ahead = new ScanAhead(source.reader(), columns, pruner, filter, order, from, end);
    for (long start = from; start < end; ) {
      long next = Math.min(end, (start / SPLIT_ROWS + 1) * SPLIT_ROWS);
      if (someGroupMayMatch(source.reader(), start, next)) {
        long splitStart = start;
        addSplit(
            next - start,
            best(source.reader(), start, next),
            () ->
                new SegmentRows(
                    source,
                    splitStart,
                    next,
                    columns,
                    pruner,
                    copyOfFilter(),
                    order,
                    counters,
                    ahead));
      }
      start = next;
    }
  }

  private boolean someGroupMayMatch(SegmentReader reader, long start, long end) {
    return IntStream.rangeClosed(groupOf(start), groupOf(end - 1))
        .anyMatch(group -> pruner.mayMatch(reader, group));
  }

  /** The value that comes first in the wanted order; null = not known, or no order is wanted. */
  private @Nullable Object best(SegmentReader reader, long start, long end) {
    if (order == null) {
      return null;
    }
    Object best = null;
    for (int group = groupOf(start); group <= groupOf(end - 1); group++) {
      Object bound = pruner.best(order, reader, group);
      if (bound == null) {
        return null;
      }
      boolean better = best == null || ZonePruner.compare(bound, best) < 0 != order.descending();
      best = better ? bound : best;
    }
    return best;
  }

  private static int groupOf(long row) {
    return (int) (row / SegmentReader.ROW_GROUP_ROWS);
  }

  /** The view's deleted rows, and the rows whose key the transaction wrote itself. */
  private int[] hidden(SegmentView segment, SegmentReader reader) {
    if (own.isEmpty()) {
      return segment.deleted();
    }
    IntStream.Builder overwritten = IntStream.builder();
    for (OwnWrite write : own) {
      if (reader.mayContain(write.key())) {
        Timestamp newest = segment.checkTimestamps() ? segment.visibleUpTo() : snapshot;
        OptionalLong row = reader.find(write.key(), newest);
        row.ifPresent(r -> overwritten.add(Math.toIntExact(r)));
      }
    }
    return IntStream.concat(Arrays.stream(segment.deleted()), overwritten.build())
        .sorted()
        .distinct()
        .toArray();
  }

  private @Nullable LateFilter copyOfFilter() {
    return filter == null ? null : filter.copy();
  }

  private void addSplit(long rows, @Nullable Object best, Supplier<BatchSource> opener) {
    splits.add(new RowsSplit(rows, best, opener));
  }

  /**
   * @param best value of the column that an order is wanted by; null = not known
   */
  private record RowsSplit(long estimatedRows, @Nullable Object best, Supplier<BatchSource> opener)
      implements Split {
    @Override
    public BatchSource open() {
      return opener.get();
    }
  }

  @Override
  public List<Split> splits() {
    return List.copyOf(splits);
  }

  @Override
  public @Nullable KeyRange beyond() {
    return beyond;
  }

  @Override
  public ScanStatistics statistics() {
    return new ScanStatistics(
        counters.bytesRead.sum(),
        view.segments().size(),
        counters.segmentsSkipped.sum(),
        counters.freshRows.sum());
  }

  @Override
  public void close() {
    view.close();
  }
}

package dev.sheaf.compute.diff;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table on both sides, pinned until this is closed. Used by one thread. */
final class TableViews implements AutoCloseable {
  private static final ColumnRequest KEY =
      new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null);

  private final TablePair pair;
  private final DiffContext context;
  private final @Nullable Opened from;
  private final @Nullable Opened to;

  /** A side's view; null where the side does not have the table. */
  private record Opened(DiffSide side, KeyRange range, List<ColumnRequest> columns, ReadView view) {

    /** Segments of which the snapshot shows something. */
    List<SegmentView> segments() {
      return view.segments().stream()
          .filter(segment -> !segment.fixedTimestamp().isAfter(side.timestamp()))
          .toList();
    }
  }

  /**
   * @param fromColumns to read of the first side
   * @param toColumns to read of the second
   */
  TableViews(
      TablePair pair,
      DiffSide from,
      List<ColumnDescriptor> fromColumns,
      DiffSide to,
      List<ColumnDescriptor> toColumns,
      DiffContext context) {
    this.pair = pair;
    this.context = context;
    this.from = open(from, pair.from(), fromColumns);
    try {
      this.to = open(to, pair.to(), toColumns);
    } catch (RuntimeException | Error e) {
      close(this.from);
      throw e;
    }
  }

  private @Nullable Opened open(
      DiffSide side, @Nullable TableDescriptor table, List<ColumnDescriptor> columns) {
    if (table == null) {
      return null;
    }
    var requests = new ArrayList<ColumnRequest>();
    for (ColumnDescriptor column : columns) {
      requests.add(new ColumnRequest(column.id(), column.type().physical(), column.addedDefault()));
    }
    requests.add(KEY);
    KeyRange range = KeyRange.ofTable(table.id());
    // The tail is merged, so it has to come by key.
    var request =
        new ReadRequest(
            side.shard().shard(), side.timestamp(), range, requests, Head.ALL, List.of());
    ReadView view = side.shard().service().openView(request, context.deadline());
    return new Opened(side, range, requests, view);
  }

  /** The rows that only the first side shows. */
  SideRows onlyFrom() {
    return new SideRows(cursors(from, to));
  }

  /** The rows that only the second side shows. */
  SideRows onlyTo() {
    return new SideRows(cursors(to, from));
  }

  private List<RowCursor> cursors(@Nullable Opened here, @Nullable Opened there) {
    var cursors = new ArrayList<RowCursor>();
    if (here == null) {
      return cursors;
    }
    Map<String, SegmentView> shared =
        there == null || !pair.sharesRows()
            ? Map.of()
            : there.segments().stream()
                .collect(Collectors.toMap(SegmentView::objectKey, segment -> segment));
    for (SegmentView segment : here.segments()) {
      OneSided rows = OneSided.of(segment, shared.get(segment.objectKey()));
      if (!rows.isEmpty()) {
        cursors.add(cursor(here, segment, rows));
      }
    }
    if (here.view.tailRows() > 0) {
      byte[] first = TableKey.prefix(pair.any().id(), TableKey.PRIMARY_INDEX);
      cursors.add(new RowCursor(checked(here.view.tail()), first, context.memory()));
    }
    return cursors;
  }

  private RowCursor cursor(Opened here, SegmentView segment, OneSided rows) {
    SegmentReader reader =
        here.side.shard().segments().open(segment.objectKey(), segment.sizeBytes());
    long start = 0;
    long end = reader.rowCount();
    if (segment.checkRange()) {
      byte[] beyond = here.range.endExclusive();
      start = reader.lowerBound(here.range.startInclusive());
      end = beyond == null ? end : reader.lowerBound(beyond);
    }
    var source = new OneSidedRows(reader, rows, here.columns, start, end, context.alive());
    return new RowCursor(source, reader.minKey(), context.memory());
  }

  private BatchSource checked(BatchSource tail) {
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        context.alive().run();
        return tail.next();
      }

      @Override
      public void close() {
        tail.close();
      }
    };
  }

  @Override
  public void close() {
    try {
      close(from);
    } finally {
      close(to);
    }
  }

  private static void close(@Nullable Opened opened) {
    if (opened != null) {
      opened.view.close();
    }
  }
}

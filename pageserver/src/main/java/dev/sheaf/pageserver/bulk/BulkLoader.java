package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentSummary;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * One bulk load: rows gather in a buffer; a full buffer is sorted and uploaded as a segment that
 * nobody knows of until the commit's log record names it. Used by one thread.
 */
public final class BulkLoader implements BulkLoad {
  private static final System.Logger LOG = System.getLogger(BulkLoader.class.getName());

  private enum State {
    LOADING,
    /** Committed, or nobody knows: its segments must stay. */
    HANDED_OVER,
    CLOSED
  }

  private final BulkRequest request;
  private final BulkTarget target;
  private final SegmentStore store;
  private final long chunkBytes;
  private final LongSupplier nanoClock;

  /** Positions of the batches' columns ascending by id, as a segment has them; the key excluded. */
  private final List<Integer> columnOrder;

  private final List<Segment> chunks = new ArrayList<>();
  private ChunkBuffer buffer;
  private long rows;
  private State state = State.LOADING;

  public BulkLoader(
      BulkRequest request,
      BulkTarget target,
      SegmentStore store,
      long chunkBytes,
      LongSupplier nanoClock) {
    List<ColumnRequest> columns = request.columns();
    if (columns.isEmpty() || columns.getFirst().columnId() != ColumnRequest.KEY_COLUMN) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a bulk load's first column is the key");
    }
    this.request = request;
    this.target = target;
    this.store = store;
    this.chunkBytes = chunkBytes;
    this.nanoClock = nanoClock;
    this.columnOrder =
        IntStream.range(1, columns.size())
            .boxed()
            .sorted(Comparator.comparing(i -> columns.get(i).columnId()))
            .toList();
    this.buffer = newBuffer();
  }

  private ChunkBuffer newBuffer() {
    List<PhysicalType> types =
        columnOrder.stream().map(i -> request.columns().get(i).type()).toList();
    return new ChunkBuffer(request.tableId(), types);
  }

  @Override
  public void append(Batch batch, Deadline deadline) {
    check(State.LOADING);
    Batch ordered = inSegmentOrder(batch);
    buffer.append(ordered);
    rows += ordered.selected();
    if (buffer.sizeBytes() >= chunkBytes) {
      deadline.check(nanoClock.getAsLong());
      writeChunk();
    }
  }

  private Batch inSegmentOrder(Batch batch) {
    var columns = new Vec[columnOrder.size() + 1];
    columns[0] = batch.column(0);
    for (int c = 0; c < columnOrder.size(); c++) {
      columns[c + 1] = batch.column(columnOrder.get(c));
    }
    return new Batch(columns, batch.rows(), batch.selection(), batch.selected());
  }

  private void writeChunk() {
    var columns =
        columnOrder.stream()
            .map(request.columns()::get)
            .map(c -> new SegmentColumn(c.columnId(), c.type()))
            .toList();
    try (SegmentDraft draft = store.draft(columns, false)) {
      buffer.writeTo(draft);
      buffer = newBuffer();
      String objectKey = target.newSegmentKey();
      SegmentSummary summary = draft.upload(objectKey);
      var meta =
          new SegmentMeta(
              objectKey,
              summary.sizeBytes(),
              summary.rowCount(),
              request.tableId(),
              summary.minKey(),
              summary.maxKey(),
              Timestamp.ZERO,
              Timestamp.ZERO,
              false);
      chunks.add(new Segment(chunks.size(), meta, store::open));
    }
  }

  @Override
  public CommitResult commit(Deadline deadline) {
    check(State.LOADING);
    if (buffer.rows() > 0) {
      writeChunk();
    }
    if (!request.keysAreNew()) {
      UniquenessCheck.amongChunks(chunks);
    }
    state = State.HANDED_OVER;
    try {
      return target.commitBulk(request, chunks, deadline);
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        state = State.LOADING;
      }
      throw e;
    }
  }

  @Override
  public long rows() {
    return rows;
  }

  private void check(State wanted) {
    if (state != wanted) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "the bulk load is over");
    }
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean orphaned = state == State.LOADING;
    state = State.CLOSED;
    buffer = newBuffer();
    target.bulkEnded();
    if (orphaned) {
      chunks.forEach(this::discard);
    }
  }

  private void discard(Segment chunk) {
    try {
      store.discard(chunk.meta().objectKey());
    } catch (SheafException e) {
      // Nothing refers to it: it only costs room until somebody sweeps.
      LOG.log(
          System.Logger.Level.WARNING,
          "an abandoned upload stays behind: " + chunk.meta().objectKey() + ": " + e.message());
    }
  }
}

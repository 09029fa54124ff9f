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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One bulk load: rows gather in a buffer; a full buffer is sorted and uploaded as a segment that
 * nobody knows of until the commit's log record names it. One buffer fills while the one before is
 * written, so each may take half of the load's memory. After an error the load can only be closed.
 * Used by one thread.
 */
public final class BulkLoader implements BulkLoad {
  private static final System.Logger LOG = System.getLogger(BulkLoader.class.getName());

  /** How long closing waits for a chunk in the making; what it leaves is removed in any case. */
  private static final long CLOSE_SECONDS = 30;

  private enum State {
    LOADING,
    FAILED,
    /** Committed, or nobody knows: its segments must stay. */
    HANDED_OVER,
    CLOSED
  }

  private final BulkRequest request;
  private final BulkTarget target;
  private final SegmentStore store;
  private final long memoryBytes;
  private final Executor background;
  private final LongSupplier nanoClock;

  /** Positions of the batches' columns ascending by id, as a segment has them; the key excluded. */
  private final List<Integer> columnOrder;

  private final List<Segment> chunks = new ArrayList<>();
  private ChunkBuffer buffer;
  private @Nullable CompletableFuture<Segment> writing;
  private long rows;
  private volatile State state = State.LOADING;

  /**
   * @param memoryBytes for rows, and at the end for what compares their keys; beside it a batch,
   *     and what a segment's writer holds, are in memory
   * @param background runs the sorting and writing, which block
   */
  public BulkLoader(
      BulkRequest request,
      BulkTarget target,
      SegmentStore store,
      long memoryBytes,
      Executor background,
      LongSupplier nanoClock) {
    List<ColumnRequest> columns = request.columns();
    if (columns.isEmpty() || columns.getFirst().columnId() != ColumnRequest.KEY_COLUMN) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a bulk load's first column is the key");
    }
    this.request = request;
    this.target = target;
    this.store = store;
    this.memoryBytes = memoryBytes;
    this.background = background;
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
    try {
      if (buffer.rows() > 0 && buffer.heldBytesWith(ordered) > memoryBytes / 2) {
        startChunk(deadline);
      }
      buffer.append(ordered);
      rows += ordered.selected();
    } catch (RuntimeException | Error e) {
      state = State.FAILED;
      throw e;
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

  /** Has the buffer written in the background, once the one before is. */
  private void startChunk(Deadline deadline) {
    awaitChunk(deadline);
    ChunkBuffer full = buffer;
    int ordinal = chunks.size();
    buffer = newBuffer();
    writing = CompletableFuture.supplyAsync(() -> write(full, ordinal), background);
  }

  /** Waits for the chunk in the making, if there is one; throws what went wrong with it. */
  private void awaitChunk(Deadline deadline) {
    CompletableFuture<Segment> current = writing;
    if (current == null) {
      return;
    }
    try {
      long left = deadline.remainingNanos(nanoClock.getAsLong());
      chunks.add(current.get(left, TimeUnit.NANOSECONDS));
      writing = null;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SheafException known
          ? known
          : new SheafException(ErrorCode.INTERNAL_ERROR, "a load's rows cannot be written", e);
    } catch (TimeoutException e) {
      throw new SheafException(
          ErrorCode.QUERY_CANCELED, "canceling statement due to statement timeout", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while loading", e);
    }
  }

  private Segment write(ChunkBuffer full, int ordinal) {
    var columns =
        columnOrder.stream()
            .map(request.columns()::get)
            .map(c -> new SegmentColumn(c.columnId(), c.type()))
            .toList();
    try (SegmentDraft draft = store.draft(columns, false)) {
      full.writeTo(draft, this::goOn);
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
      return new Segment(ordinal, meta, store::open);
    }
  }

  /** Between two batches of a chunk: others get a turn on the processor. */
  private void goOn() {
    if (state == State.CLOSED) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "the load was given up");
    }
    Thread.yield();
  }

  @Override
  public CommitResult commit(Deadline deadline) {
    check(State.LOADING);
    state = State.FAILED;
    if (buffer.rows() > 0) {
      startChunk(deadline);
    }
    awaitChunk(deadline);
    if (!request.keysAreNew()) {
      new ChunkOverlap(chunks, memoryBytes, deadline, nanoClock).check();
    }
    state = State.HANDED_OVER;
    try {
      return target.commitBulk(request, chunks, deadline);
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        state = State.FAILED;
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
    State before = state;
    if (before == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    buffer = newBuffer();
    CompletableFuture<Segment> current = writing;
    if (current == null) {
      end(before);
      return;
    }
    CompletableFuture<Void> ended =
        current.handle((chunk, failure) -> {
          if (failure == null) {
            chunks.add(chunk);
          }
          end(before);
          return null;
        });
    try {
      ended.get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "a load that was given up has not ended yet", e);
    }
  }

  private void end(State before) {
    target.bulkEnded();
    if (before != State.HANDED_OVER) {
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

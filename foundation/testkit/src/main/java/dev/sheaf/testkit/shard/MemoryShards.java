package dev.sheaf.testkit.shard;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A page server in memory: one shard, all of whose rows lie in the tail. Several of them may stand
 * over the same {@link MemoryShard}, as nodes over one log. Passes {@link ShardServiceContract};
 * can be told not to own the shard, to stop in the middle, to lose answers. Thread-safe.
 */
public final class MemoryShards implements ShardService {
  private static final int ROWS_PER_BATCH = 1000;

  private final ShardId shard;
  private final MemoryShard data;
  private boolean owner = true;
  private @Nullable Supplier<RuntimeException> afterCommit;
  private @Nullable Supplier<RuntimeException> beforeCall;
  private int openViews;
  private int openLoads;
  private int calls;

  public MemoryShards(ShardId shard, MemoryShard data) {
    this.shard = shard;
    this.data = data;
  }

  /** Whether to answer, or to fail every call with 57P03. */
  public synchronized void owns(boolean does) {
    owner = does;
  }

  /** What the answers to commits get lost with, after they were carried out; null: nothing. */
  public synchronized void failAfterCommit(@Nullable Supplier<RuntimeException> error) {
    afterCommit = error;
  }

  /** What calls fail with, before anything was done; null: nothing. */
  public synchronized void failBeforeCall(@Nullable Supplier<RuntimeException> error) {
    beforeCall = error;
  }

  public synchronized int openViews() {
    return openViews;
  }

  public synchronized int openLoads() {
    return openLoads;
  }

  /** Calls that have begun. */
  public synchronized int calls() {
    return calls;
  }

  private synchronized MemoryShard enter(ShardId asked, Deadline deadline) {
    calls++;
    if (beforeCall != null) {
      throw beforeCall.get();
    }
    deadline.check(System.nanoTime());
    if (!asked.equals(shard)) {
      throw new SheafException(ErrorCode.INVALID_CATALOG_NAME, "there is no shard " + asked);
    }
    if (!owner) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "shard " + asked + " is not owned here")
          .withHint("Ask its owner.");
    }
    return data;
  }

  private synchronized CommitResult answer(CommitResult result) {
    if (afterCommit != null) {
      throw afterCommit.get();
    }
    return result;
  }

  @Override
  public Snapshot snapshot(ShardId asked, Deadline deadline) {
    return enter(asked, deadline).snapshot();
  }

  @Override
  public Timestamp catalogVersionAt(ShardId asked, Timestamp timestamp, Deadline deadline) {
    return enter(asked, deadline).catalogVersionAt(timestamp);
  }

  @Override
  public List<byte @Nullable []> get(
      ShardId asked, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return enter(asked, deadline).get(snapshot, keys);
  }

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    return answer(enter(request.shard(), deadline).commit(request));
  }

  @Override
  public TransactionStatus status(ShardId asked, TransactionId transaction, Deadline deadline) {
    return enter(asked, deadline).status(transaction);
  }

  @Override
  public TableSize sizeOf(ShardId asked, int tableId, Deadline deadline) {
    return enter(asked, deadline).sizeOf(tableId);
  }

  /** Nothing is stored that a child could share: 0A000. */
  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    MemoryShard unused = enter(parent, deadline);
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "shards in memory do not branch");
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    var rows = enter(request.shard(), deadline).rows(request);
    synchronized (this) {
      openViews++;
    }
    return new View(request, rows);
  }

  private final class View implements ReadView {
    private final List<PhysicalType> types;
    private final List<@Nullable Object[]> rows;
    private boolean closed;

    View(ReadRequest request, List<@Nullable Object[]> rows) {
      this.types = request.columns().stream().map(ColumnRequest::type).toList();
      this.rows = rows;
    }

    @Override
    public List<SegmentView> segments() {
      return List.of();
    }

    @Override
    public long tailRows() {
      return rows.size();
    }

    @Override
    public BatchSource tail() {
      return new BatchSource() {
        private int at;

        @Override
        public @Nullable Batch next() {
          synchronized (MemoryShards.this) {
            if (!owner) {
              throw new SheafException(ErrorCode.IO_ERROR, "the page server went away");
            }
          }
          if (at == rows.size()) {
            return null;
          }
          int end = Math.min(rows.size(), at + ROWS_PER_BATCH);
          Batch batch = RowBatches.of(types, rows.subList(at, end));
          at = end;
          return batch;
        }

        @Override
        public void close() {
          at = rows.size();
        }
      };
    }

    @Override
    public void close() {
      synchronized (MemoryShards.this) {
        openViews -= closed ? 0 : 1;
        closed = true;
      }
    }
  }

  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    MemoryShard entered = enter(request.shard(), deadline);
    synchronized (this) {
      openLoads++;
    }
    return new Load(request, entered);
  }

  private final class Load implements BulkLoad {
    private final BulkRequest request;
    private final MemoryShard target;
    private final List<@Nullable Object[]> rows = new ArrayList<>();
    private boolean closed;

    Load(BulkRequest request, MemoryShard target) {
      this.request = request;
      this.target = target;
    }

    @Override
    public void append(Batch batch, Deadline deadline) {
      rows.addAll(RowBatches.rows(batch));
    }

    @Override
    public CommitResult commit(Deadline deadline) {
      return answer(target.commit(request, rows));
    }

    @Override
    public long rows() {
      return rows.size();
    }

    @Override
    public void close() {
      synchronized (MemoryShards.this) {
        openLoads -= closed ? 0 : 1;
        closed = true;
      }
    }
  }
}

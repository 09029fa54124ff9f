package dev.sheaf.server;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shards whose commits are timed and whose refusals are counted. Thread-safe. */
record MeteredShards(ShardService shards, ServerMetrics metrics) implements ShardService {

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    return timed(metrics, () -> shards.commit(request, deadline));
  }

  private static CommitResult timed(ServerMetrics metrics, Supplier<CommitResult> commit) {
    long begun = System.nanoTime();
    try {
      CommitResult result = commit.get();
      metrics.committed(System.nanoTime() - begun);
      return result;
    } catch (SheafException e) {
      metrics.commitFailed(e.sqlState());
      throw e;
    }
  }

  private record MeteredLoad(BulkLoad load, ServerMetrics metrics) implements BulkLoad {
    @Override
    public void append(Batch batch, Deadline deadline) {
      load.append(batch, deadline);
    }

    @Override
    public CommitResult commit(Deadline deadline) {
      return timed(metrics, () -> load.commit(deadline));
    }

    @Override
    public long rows() {
      return load.rows();
    }

    @Override
    public void close() {
      load.close();
    }
  }

  @Override
  public Snapshot snapshot(ShardId shard, Deadline deadline) {
    return shards.snapshot(shard, deadline);
  }

  @Override
  public Timestamp catalogVersionAt(ShardId shard, Timestamp timestamp, Deadline deadline) {
    return shards.catalogVersionAt(shard, timestamp, deadline);
  }

  @Override
  public List<byte @Nullable []> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return shards.get(shard, snapshot, keys, deadline);
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    return shards.openView(request, deadline);
  }

  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    return new MeteredLoad(shards.beginBulk(request, deadline), metrics);
  }

  @Override
  public TransactionStatus status(ShardId shard, TransactionId transaction, Deadline deadline) {
    return shards.status(shard, transaction, deadline);
  }

  @Override
  public TableSize sizeOf(ShardId shard, int tableId, Deadline deadline) {
    return shards.sizeOf(shard, tableId, deadline);
  }

  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    return shards.check(shard, listener, deadline);
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    return shards.planSweep(shard, deadline);
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    shards.branch(parent, child, at, deadline);
  }
}

package dev.sheaf.testkit.shard;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.rpc.shard.ShardService;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Shards whose bulk loads wait for a gate before they take a batch. */
record SlowLoads(ShardService shards, CountDownLatch gate) implements ShardService {
  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    BulkLoad load = shards.beginBulk(request, deadline);
    return new BulkLoad() {
      @Override
      public void append(Batch batch, Deadline until) {
        try {
          gate.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        load.append(batch, until);
      }

      @Override
      public CommitResult commit(Deadline until) {
        return load.commit(until);
      }

      @Override
      public long rows() {
        return load.rows();
      }

      @Override
      public void close() {
        load.close();
      }
    };
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
  public List<byte[]> get(ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return shards.get(shard, snapshot, keys, deadline);
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    return shards.openView(request, deadline);
  }

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    return shards.commit(request, deadline);
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
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    shards.branch(parent, child, at, deadline);
  }
}

package dev.sheaf.control.reconcile;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.control.ShardHost;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Shards in memory, and a fault to throw before or after the next call takes effect. */
final class RecordingShardHost implements ShardHost {
  /** Shards that something is stored of. */
  final Set<ShardId> stored = ConcurrentHashMap.newKeySet();

  final Set<ShardId> open = ConcurrentHashMap.newKeySet();
  final AtomicReference<Throwable> faultBefore = new AtomicReference<>();
  final AtomicReference<Throwable> faultAfter = new AtomicReference<>();

  @Override
  public void open(ShardId shard, Deadline deadline) {
    fail(faultBefore);
    stored.add(shard);
    open.add(shard);
    fail(faultAfter);
  }

  @Override
  public void close(ShardId shard, Deadline deadline) {
    fail(faultBefore);
    open.remove(shard);
    fail(faultAfter);
  }

  @Override
  public void drop(ShardId shard, Deadline deadline) {
    fail(faultBefore);
    open.remove(shard);
    stored.remove(shard);
    fail(faultAfter);
  }

  private static void fail(AtomicReference<Throwable> fault) {
    Throwable due = fault.getAndSet(null);
    if (due instanceof Error error) {
      throw error;
    }
    if (due instanceof RuntimeException error) {
      throw error;
    }
  }
}

package dev.sheaf.control.reconcile;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.control.ShardHost;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Shards in memory, and a fault to throw before or after the next call takes effect. */
final class RecordingShardHost implements ShardHost {
  /** Shards that something is stored of. */
  final Set<ShardId> stored = ConcurrentHashMap.newKeySet();

  final Set<ShardId> open = ConcurrentHashMap.newKeySet();

  /** Shards that began as others were, and when. */
  final Map<ShardId, Timestamp> branched = new ConcurrentHashMap<>();

  final AtomicLong millis = new AtomicLong();

  /** How many calls go well before the fault is thrown. */
  final AtomicInteger spared = new AtomicInteger();

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
  public Timestamp now(ShardId shard, Deadline deadline) {
    return Timestamp.ofMillis(millis.get());
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    fail(faultBefore);
    if (open.contains(child)) {
      throw new AssertionError(child + " was opened before it had anything to begin with");
    }
    stored.add(child);
    branched.put(child, at);
    fail(faultAfter);
  }

  @Override
  public void beginAs(ShardId backup, ShardId child, Deadline deadline) {
    Timestamp at = branched.get(backup);
    if (at == null || open.contains(backup) || !stored.contains(backup)) {
      throw new AssertionError(backup + " is no backup that is there");
    }
    branch(backup, child, at, deadline);
  }

  @Override
  public void drop(ShardId shard, Deadline deadline) {
    fail(faultBefore);
    open.remove(shard);
    stored.remove(shard);
    fail(faultAfter);
  }

  private void fail(AtomicReference<Throwable> fault) {
    if (fault.get() != null && spared.getAndDecrement() > 0) {
      return;
    }
    Throwable due = fault.getAndSet(null);
    if (due instanceof Error error) {
      throw error;
    }
    if (due instanceof RuntimeException error) {
      throw error;
    }
  }
}

package dev.sheaf.pageserver.serve;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Compacts the shards of a page server, a few at a time and one job of each in turn, so that what
 * compaction takes from everybody else is bounded. Thread-safe.
 */
final class CompactionPool {
  private final int parallelism;
  private final Executor background;

  // Guarded by this.
  private final Queue<ShardCompactor> waiting = new ArrayDeque<>();
  private final Set<ShardCompactor> known = new HashSet<>();
  private final Set<ShardCompactor> again = new HashSet<>();
  private int workers;

  CompactionPool(int parallelism, Executor background) {
    this.parallelism = parallelism;
    this.background = background;
  }

  /** There may be something to do. Does not wait for it. */
  synchronized void consider(ShardCompactor shard) {
    if (!known.add(shard)) {
      boolean unused = again.add(shard);
      return;
    }
    waiting.add(shard);
    if (workers < parallelism) {
      workers++;
      background.execute(this::work);
    }
  }

  private void work() {
    while (true) {
      ShardCompactor shard;
      synchronized (this) {
        shard = waiting.poll();
        if (shard == null) {
          workers--;
          return;
        }
        again.remove(shard);
      }
      boolean more = false;
      try {
        more = shard.compactNext();
      } finally {
        done(shard, more);
      }
    }
  }

  private synchronized void done(ShardCompactor shard, boolean more) {
    if (more || again.remove(shard)) {
      waiting.add(shard);
    } else {
      known.remove(shard);
    }
  }
}

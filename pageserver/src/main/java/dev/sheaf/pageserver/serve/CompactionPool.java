package dev.sheaf.pageserver.serve;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

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
    startWorker();
  }

  private void work() {
    boolean goesOn = true;
    while (goesOn) {
      ShardCompactor shard = next();
      if (shard == null) {
        return;
      }
      goesOn = false;
      boolean more = false;
      try {
        more = shard.compactNext();
        goesOn = true;
      } finally {
        done(shard, more, goesOn);
      }
    }
  }

  private synchronized @Nullable ShardCompactor next() {
    ShardCompactor shard = waiting.poll();
    if (shard == null) {
      workers--;
    } else {
      again.remove(shard);
    }
    return shard;
  }

  /** A worker that an Error ends makes room for another. */
  private synchronized void done(ShardCompactor shard, boolean more, boolean goesOn) {
    if (more || again.remove(shard)) {
      waiting.add(shard);
    } else {
      known.remove(shard);
    }
    if (!goesOn) {
      workers--;
      startWorker();
    }
  }

  private void startWorker() {
    if (!waiting.isEmpty() && workers < parallelism) {
      workers++;
      background.execute(this::work);
    }
  }
}
